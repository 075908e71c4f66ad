import type { FastifyInstance } from 'fastify';

/**
 * Remembers the routes that are registered from here on. The returned function says which methods a path
 * answers, sorted; none for an unknown path.
 */
export function collectAllowedMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: { parts: string[]; methods: string[] }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    // The catch-all of CORS preflights is no place of its own.
    if (url !== '*') routes.push({ parts: url.split('/'), methods: [method].flat() });
  });
  return (path) => {
    const parts = path.split('/');
    const methods = routes.filter((route) => matches(route.parts, parts)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  };
}

function matches(route: readonly string[], path: readonly string[]): boolean {
  return (
    route.length === path.length &&
    route.every((part, index) => (part.startsWith(':') ? path[index] !== '' : part === path[index]))
  );
}
