import { runAlone } from '@im/common/service/run-alone.ts';
import { groupService } from './index.ts';

await runAlone(groupService, `${import.meta.dirname}/../etc/group-service.yaml`);
