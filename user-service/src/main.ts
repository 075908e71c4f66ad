import { runAlone } from '@im/common/service/run-alone.ts';
import { userService } from './index.ts';

await runAlone(userService, `${import.meta.dirname}/../etc/user-service.yaml`);
