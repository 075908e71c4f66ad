import { afterEach, beforeEach, describe } from 'vitest';
import { testAccess } from './conformance/access.ts';
import { testDeadlines } from './conformance/deadlines.ts';
import { testErrors } from './conformance/errors.ts';
import { type Connection, createTestNetwork, type TestNetwork } from './conformance/network.ts';
import { testStreams } from './conformance/streams.ts';
import { testTraces } from './conformance/traces.ts';
import { testUnary } from './conformance/unary.ts';
import { testValidation } from './conformance/validation.ts';

/** What calls between services promise, whichever way `connect` connects them. */
export function testRpcConformance(name: string, connect: () => Promise<Connection>): void {
  describe(`rpc over ${name}`, () => {
    let network: TestNetwork;
    beforeEach(async () => {
      network = await createTestNetwork(connect);
    });
    afterEach(async () => {
      await network.close();
    });
    const net = () => network;
    describe('unary', () => testUnary(net));
    describe('errors', () => testErrors(net));
    describe('deadlines', () => testDeadlines(net));
    describe('access', () => testAccess(net));
    describe('validation', () => testValidation(net));
    describe('streams', () => testStreams(net));
    describe('traces', () => testTraces(net));
  });
}
