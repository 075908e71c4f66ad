import { ImError } from '@im/common/errors/im-error.ts';
import type { FastifyInstance } from 'fastify';
import { answerJson } from './answer.ts';

/** `/healthz`: the process lives. `/readyz`: it can serve; 503 with what is missing until then. */
export function registerHealth(app: FastifyInstance, missing: () => string | undefined): void {
  app.get('/healthz', (_request, reply) => answerJson(reply, {}));
  app.get('/readyz', (_request, reply) => {
    const reason = missing();
    if (reason !== undefined) throw new ImError('SERVICE_AWAY', reason);
    return answerJson(reply, {});
  });
}
