#!/bin/sh
# An account for each schema, with its name: it may do there what the service's
# statements and migrations need, and nothing anywhere else. The image runs this
# once, when its volume is new.

make_account() { # name of account and schema, password
  case $2 in
    '' | *[!A-Za-z0-9_-]*)
      echo "the password of $1 must be made of letters, digits, - and _" >&2
      exit 1
      ;;
  esac
  # A bare _ would stand for any character in the name of a schema.
  schema=$(printf '%s' "$1" | sed 's/_/\\_/g')
  MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --user=root <<SQL
CREATE USER IF NOT EXISTS '$1'@'%' IDENTIFIED BY '$2';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON \`$schema\`.* TO '$1'@'%';
SQL
}

make_account im_user "$IM_MYSQL_USER_PASSWORD"
make_account im_friend "$IM_MYSQL_FRIEND_PASSWORD"
make_account im_group "$IM_MYSQL_GROUP_PASSWORD"
make_account im_chat "$IM_MYSQL_CHAT_PASSWORD"
