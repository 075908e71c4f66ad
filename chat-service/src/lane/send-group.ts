/**
 * Sends of one socket to one conversation that must keep their order: once one
 * of them cannot be stored for the moment, those behind it are refused too.
 */
export interface SendGroup {
  readonly refused: boolean;
  refuse(): void;
}

export function createSendGroup(): SendGroup {
  let refused = false;
  return {
    get refused() {
      return refused;
    },
    refuse() {
      refused = true;
    },
  };
}
