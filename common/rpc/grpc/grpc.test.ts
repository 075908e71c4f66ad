import { testRpcConformance } from '../conformance.ts';
import { createGrpcCluster } from './testing/grpc-cluster.ts';

testRpcConformance('gRPC', async () => createGrpcCluster());
