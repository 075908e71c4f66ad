import { expect, test } from 'vitest';
import { parseLines, parseStanzas, sourceLines } from './debian-sources.ts';

test('stanzas: comments, several suites, fields that go on', () => {
  const text = `Types: deb deb-src
# a snapshot of it
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main
  contrib
Signed-By: /usr/share/keyrings/a.gpg

Types: deb-src
URIs: http://sources.example
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://off.example
Suites: bookworm
Components: main
`;
  const source = {
    uri: 'http://archive.example/debian',
    suites: ['bookworm', 'bookworm-updates'],
    components: ['main', 'contrib'],
    signedBy: '/usr/share/keyrings/a.gpg',
  };
  expect(parseStanzas(text)).toEqual([source]);
  expect(sourceLines(source)).toBe(
    `deb [signed-by=/usr/share/keyrings/a.gpg] http://archive.example/debian bookworm main contrib
deb [signed-by=/usr/share/keyrings/a.gpg] http://archive.example/debian bookworm-updates main contrib
`,
  );
});

test('lines: options, comments, sources of code', () => {
  const text = `# deb http://off.example bookworm main
deb http://archive.example/debian bookworm main contrib # the main one
deb [arch=amd64 signed-by=/a.gpg] http://archive.example/security bookworm-security main
deb-src http://archive.example/debian bookworm main
`;
  expect(parseLines(text)).toEqual([
    { uri: 'http://archive.example/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
    {
      uri: 'http://archive.example/security',
      suites: ['bookworm-security'],
      components: ['main'],
      signedBy: '/a.gpg',
    },
  ]);
});
