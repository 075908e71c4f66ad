-- A schema for each service that has a database; no service reads another's.
-- Their tables are made by the services. Names and text are compared by bytes.
CREATE DATABASE IF NOT EXISTS im_user CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS im_friend CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS im_group CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS im_chat CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
