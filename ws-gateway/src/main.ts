import { runAlone } from '@im/common/service/run-alone.ts';
import { wsGateway } from './index.ts';

await runAlone(wsGateway, `${import.meta.dirname}/../etc/ws-gateway.yaml`);
