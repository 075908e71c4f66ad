import { runAlone } from '@im/common/service/run-alone.ts';
import { authService } from './index.ts';

await runAlone(authService, `${import.meta.dirname}/../etc/auth-service.yaml`);
