import { loadConfig } from '../config/load-config.ts';
import type { ServiceModule } from './module.ts';

// A module of any service: the types of its own settings and running object
// matter only to itself and to who composes it.
// biome-ignore lint/suspicious/noExplicitAny: existential over the module's own types
export type AnyModule = ServiceModule<any, any>;

/** A service to run, and its settings with all defaults. */
export type ModuleWithConfig = readonly [module: AnyModule, config: Record<string, unknown>];

/** Fills what `settings` leaves out with the module's defaults. Throws ConfigError. */
export function withDefaults(module: AnyModule, settings: Record<string, unknown>): ModuleWithConfig {
  return [module, loadConfig(module.config, { settings: { where: module.name, values: settings } })];
}
