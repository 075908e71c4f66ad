export * from '@im/common/testing/cluster/service-processes.ts';
