import { runAlone } from '@im/common/service/run-alone.ts';
import { apiGateway } from './index.ts';

await runAlone(apiGateway, `${import.meta.dirname}/../etc/api-gateway.yaml`);
