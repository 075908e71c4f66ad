import type { Path } from '@bufbuild/protobuf/reflect';

/**
 * A path as the JSON form of a message writes it: `device.platform`, `uids[3]`,
 * `metadata["a"]`. A oneof has no name there, so it is the message that has it
 * which is named.
 */
export function jsonFieldPath(path: Path): string {
  let text = '';
  for (const part of path) {
    switch (part.kind) {
      case 'field':
        text += `${text === '' ? '' : '.'}${part.jsonName}`;
        break;
      case 'oneof':
        break;
      case 'list_sub':
        text += `[${part.index}]`;
        break;
      case 'map_sub':
        text += `[${JSON.stringify(part.key)}]`;
        break;
      case 'extension':
        text += `[${part.typeName}]`;
        break;
    }
  }
  return text;
}
