import type { Registry as Metrics } from 'prom-client';
import type { Bus } from '../bus/bus.ts';
import { createKafkaBus } from '../bus/bus-kafka.ts';
import { type Opened, openedHere } from './opened.ts';
import type { BusSetting } from './port-settings.ts';
import type { ProcessKit } from './process-kit.ts';

/** The bus within the process, or Kafka. */
export function openBus(setting: BusSetting, kit: ProcessKit, metrics: Metrics): Opened<Bus> {
  if (setting.engine === 'local') return openedHere(kit.bus);
  const bus = createKafkaBus({ ...setting, clientId: `im-${kit.bootId}`, log: kit.log, metrics });
  return {
    adapter: bus,
    where: `Kafka at ${setting.brokers.join(',')}`,
    reachable: bus.reachable,
    close: bus.close,
  };
}
