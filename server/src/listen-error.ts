/** An error of listening as a sentence that says what to do; any other error as it is. */
export function plainListenError(error: unknown): unknown {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const where = `${address ?? ''}:${port ?? ''}`;
  switch (code) {
    case 'EADDRINUSE':
      return new Error(
        `${where} is taken by another program: choose another port, 0 for a free one (--help)`,
      );
    case 'EACCES':
      return port === undefined
        ? error
        : new Error(`${where} may not be used: choose a port above 1023 (--help)`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return address === undefined
        ? error
        : new Error(`${address} is not an address of this machine (--host)`);
    default:
      return error;
  }
}
