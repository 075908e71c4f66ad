export * from '@im/common/testing/cluster/service-environment.ts';
