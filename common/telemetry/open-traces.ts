import type { ProcessTraces } from './traces.ts';
import type { OtlpTracesOptions } from './traces-otlp.ts';

/** The traces that a process's settings ask for; undefined for none, which then cost nothing, not even reading the library. */
export async function openTraces(options: OtlpTracesOptions): Promise<ProcessTraces | undefined> {
  if (options.setting.endpoint === '') return undefined;
  const { openOtlpTraces } = await import('./traces-otlp.ts');
  return openOtlpTraces(options);
}
