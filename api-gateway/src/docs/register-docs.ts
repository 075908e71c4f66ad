import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { answerJson } from '../http/answer.ts';
import { readComments } from '../openapi/comments.ts';
import { openApiDocument } from '../openapi/document.ts';
import type { HttpRoute } from '../routes/http-route.ts';
import { CONTENT_SECURITY_POLICY, DOCS_PAGE, DOCS_SCRIPT } from './page.ts';

/** The files of swagger-ui that the page needs. */
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** `/openapi.json`, and `/docs` to read it in a browser, from this server alone. */
export async function registerDocs(
  app: FastifyInstance,
  routes: readonly HttpRoute[],
  version: string,
): Promise<void> {
  let document: unknown;
  app.get('/openapi.json', (_request, reply) => {
    // Made when somebody wants it: reading the comments is nothing to start slower for.
    document ??= openApiDocument(routes, readComments(), version);
    return answerJson(reply, document);
  });

  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  await app.register(fastifyStatic, { root: folder, serve: false });
  app.get('/docs', (_request, reply) =>
    reply
      .headers({ 'content-security-policy': CONTENT_SECURITY_POLICY, 'referrer-policy': 'no-referrer' })
      .type('text/html; charset=utf-8')
      .send(DOCS_PAGE),
  );
  app.get('/docs/', (_request, reply) => reply.redirect('../docs'));
  app.get('/docs/start.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(DOCS_SCRIPT),
  );
  for (const name of ASSETS) app.get(`/docs/${name}`, (_request, reply) => reply.sendFile(name));
}
