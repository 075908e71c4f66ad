import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';

/** What a process proves itself with, and whom it believes: PEM texts. Both sides of a connection do. */
export interface GrpcTls {
  /** The authority that signed the certificates of all services. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The name that every service's certificate holds, where they do not hold the addresses. */
  readonly serverName?: string | undefined;
}

export function serverCredentials(tls: GrpcTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { ca, cert, key } = tls;
  return ServerCredentials.createSsl(
    Buffer.from(ca),
    [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }],
    true,
  );
}

export function channelCredentials(tls: GrpcTls | undefined): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  return ChannelCredentials.createSsl(Buffer.from(tls.ca), Buffer.from(tls.key), Buffer.from(tls.cert));
}
