import { type DescField, type DescMessage, type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import { http } from '@im/common/gen/google/api/annotations_pb.ts';
import { type Access, access } from '@im/common/gen/im/options/v1/options_pb.ts';
import type { AnyService } from '@im/common/rpc/types.ts';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';

/** A method of a contract as it is reached over HTTP. */
export interface HttpRoute {
  readonly method: HttpMethod;
  /** The path as the documentation writes it: `/v1/users/{uid}`, fields in lowerCamelCase. */
  readonly path: string;
  readonly service: AnyService;
  readonly rpc: DescMethod;
  readonly access: Access;
  /** Fields that the path gives; neither body nor query may name them. */
  readonly pathFields: readonly DescField[];
  /** Whether the rest of the message is the body; else it is the query. */
  readonly hasBody: boolean;
  /** The field that takes the keys of a PATCH, where the message has one. */
  readonly maskField: DescField | undefined;
}

const FIELD_IN_PATH = /\{([a-z][a-z0-9_]*)\}/g;

/**
 * The route that a method's `google.api.http` annotation describes; undefined without one.
 * Throws for anything an annotation may say that is not served here, so that it shows at the start.
 */
export function httpRouteOf(service: AnyService, rpc: DescMethod): HttpRoute | undefined {
  if (!hasOption(rpc, http)) return undefined;
  const rule = getOption(rpc, http);
  const { case: verb, value: template } = rule.pattern;
  if (verb === undefined || verb === 'custom') throw new Error(`${rpc}: no usual HTTP method`);
  if (rpc.methodKind !== 'unary') throw new Error(`${rpc}: a stream has no HTTP route`);
  if (!hasOption(rpc, access)) throw new Error(`${rpc}: does not say who may call it`);
  if (rule.additionalBindings.length > 0) throw new Error(`${rpc}: only one binding is served`);
  const hasBody = verb !== 'get' && verb !== 'delete';
  if (rule.body !== (hasBody ? '*' : '')) throw new Error(`${rpc}: the body must be "*" or none`);

  const pathFields: DescField[] = [];
  const path = template.replace(FIELD_IN_PATH, (_, name: string) => {
    const field = scalarField(rpc.input, name);
    if (field === undefined) throw new Error(`${rpc}: ${template} names no scalar field ${name}`);
    pathFields.push(field);
    return `{${field.jsonName}}`;
  });
  if (/[:*]|\{[^}]*[^a-zA-Z0-9}]/.test(path)) throw new Error(`${rpc}: ${template} is not understood`);
  return {
    method: verb.toUpperCase() as HttpMethod,
    path,
    service,
    rpc,
    access: getOption(rpc, access),
    pathFields,
    hasBody,
    maskField: rpc.input.fields.find(isMask),
  };
}

/** All routes of the contracts. Throws when two methods claim the same one. */
export function httpRoutesOf(services: readonly AnyService[]): HttpRoute[] {
  const taken = new Map<string, HttpRoute>();
  for (const service of services) {
    for (const rpc of service.methods) {
      const route = httpRouteOf(service, rpc);
      if (route === undefined) continue;
      const key = `${route.method} ${route.path.replace(/\{\w+\}/g, '{}')}`;
      if (taken.has(key)) throw new Error(`${rpc} and ${taken.get(key)?.rpc} both answer ${key}`);
      taken.set(key, route);
    }
  }
  return [...taken.values()];
}

function scalarField(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.name === name && field.fieldKind === 'scalar');
}

function isMask(field: DescField): boolean {
  return field.fieldKind === 'message' && field.message.typeName === 'google.protobuf.FieldMask';
}
