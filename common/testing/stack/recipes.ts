import { etcdRecipe } from './etcd.ts';
import { kafkaRecipe } from './kafka.ts';
import { mysqlRecipe } from './mysql.ts';
import type { Recipe } from './recipe.ts';
import { redisRecipe, sessionRedisRecipe } from './redis.ts';
import type { ServerKind } from './server-kinds.ts';

export const RECIPES: Readonly<Record<ServerKind, Recipe>> = {
  mysql: mysqlRecipe,
  redis: redisRecipe,
  'redis-session': sessionRedisRecipe,
  kafka: kafkaRecipe,
  etcd: etcdRecipe,
};
