/** Servers of one kind, as a URL says them that names several: `scheme[s]://[user:password@]host:port,host:port[/path]`. */
export interface ServerList {
  /** `host:port` each. */
  readonly hosts: readonly string[];
  /** Whether the scheme ends in `s`. */
  readonly tls: boolean;
  readonly login: Login | undefined;
  /** What follows the first `/`; '' where there is none. */
  readonly path: string;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

const HOST_PORT = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/@,]+):\d{1,5}$/;
const PARTS =
  /^(?<scheme>[a-z]+?)(?<secure>s?):\/\/(?:(?<user>[^:@/]+):(?<password>[^@/]+)@)?(?<hosts>[^/]+)(?:\/(?<path>.*))?$/;

/** Takes it apart; undefined for anything else. User and password are percent-encoded, as in any URL. */
export function serverListOf(text: string, scheme: string): ServerList | undefined {
  const parts = PARTS.exec(text)?.groups;
  if (parts === undefined || parts.scheme !== scheme) return undefined;
  const { user, password, hosts: list = '', path = '', secure } = parts;
  const hosts = list.split(',').map((item) => item.trim());
  const login = loginOf(user, password);
  if (!hosts.every((host) => HOST_PORT.test(host)) || login === 'broken') return undefined;
  return { hosts, tls: secure === 's', login, path };
}

function loginOf(user: string | undefined, password: string | undefined): Login | undefined | 'broken' {
  if (user === undefined || password === undefined) return undefined;
  try {
    return { username: decodeURIComponent(user), password: decodeURIComponent(password) };
  } catch {
    return 'broken';
  }
}
