export * from '@im/common/testing/cluster/shared-secrets.ts';
