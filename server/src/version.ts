import manifest from '../package.json' with { type: 'json' };

/** The release this is; all packages share one version. */
export const VERSION: string = manifest.version;
