export * from '@im/common/testing/cluster/cluster-names.ts';
