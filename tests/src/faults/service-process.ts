export * from '@im/common/testing/cluster/service-process.ts';
