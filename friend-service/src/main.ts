import { runAlone } from '@im/common/service/run-alone.ts';
import { friendService } from './index.ts';

await runAlone(friendService, `${import.meta.dirname}/../etc/friend-service.yaml`);
