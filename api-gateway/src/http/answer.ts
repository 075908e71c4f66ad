import type { FastifyReply } from 'fastify';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends JSON as an answer, once. */
export function answerJson(reply: FastifyReply, json: unknown): FastifyReply {
  return reply.type(JSON_TYPE).send(JSON.stringify(json));
}
