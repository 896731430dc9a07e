#include "CFloor.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { MAX_ARGUMENTS = 64 };

/// Starts a program between two pipes; answers an errno.
static int spawn(char **arguments, int input, int output, int *identifier)
{
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    pid_t process = 0;
    if ((code = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)) == 0
        && (code = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)) == 0
        && (code = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)) == 0)
        code = posix_spawnp(&process, arguments[0], &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    *identifier = process;
    return code;
}

/// Starts a command whose words are divided by spaces; answers an errno.
static int spawn_words(const char *command, int input, int output, int *identifier)
{
    char *words = strdup(command);
    if (words == NULL)
        return ENOMEM;
    char *arguments[MAX_ARGUMENTS + 1] = {NULL};
    char *rest = NULL;
    char *word = strtok_r(words, " ", &rest);
    for (int i = 0; i < MAX_ARGUMENTS && word != NULL; i++, word = strtok_r(NULL, " ", &rest))
        arguments[i] = word;
    int code = arguments[0] == NULL ? EINVAL : spawn(arguments, input, output, identifier);
    free(words);
    return code;
}

int cfloor_start(const char *command, int *identifier, int *input, int *output)
{
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0)
        return -1;
    if (pipe2(from, O_CLOEXEC) != 0) {
        (void)close(to[0]);
        (void)close(to[1]);
        return -1;
    }
    int code = spawn_words(command, to[0], from[1], identifier);
    (void)close(to[0]);
    (void)close(from[1]);
    if (code != 0) {
        (void)close(to[1]);
        (void)close(from[0]);
        errno = code;
        return -1;
    }
    *input = to[1];
    *output = from[0];
    return 0;
}
