import { runAlone } from '@im/common/service/run-alone.ts';
import { chatService } from './index.ts';

await runAlone(chatService, `${import.meta.dirname}/../etc/chat-service.yaml`);
