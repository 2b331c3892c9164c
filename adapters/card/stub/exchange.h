/* What the two stand-in libraries share: a line to the simulated exchange (交换机) and the troubles it may order.
 *
 * Made by us, for tests and rehearsals without a card; nothing in it is a vendor's. The exchange sends a line for each
 * thing that happens on a channel; the library sends it a line for each call of one of its functions: the ledger (台账).
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RATE 8000
#define ALAW_SILENCE 0xD5

static int ex_socket = -1;
static FILE *ex_lines;
static pthread_mutex_t ex_said = PTHREAD_MUTEX_INITIALIZER;
static char ex_crash_in[64], ex_hang_in[64], ex_refuse[64];

static int ex_connect(const char *ip, unsigned port) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || inet_pton(AF_INET, ip, &where.sin_addr) != 1) return -1;
    if (connect(fd, (struct sockaddr *)&where, sizeof where) < 0) return -1;
    ex_socket = fd;
    ex_lines = fdopen(dup(fd), "r");
    return ex_lines == NULL ? -1 : 0;
}

static void ex_say(const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if (length > (int)sizeof line - 2) length = (int)sizeof line - 2;
    line[length++] = '\n';
    pthread_mutex_lock(&ex_said);
    if (ex_socket >= 0 && send(ex_socket, line, (size_t)length, MSG_NOSIGNAL) < 0) ex_socket = -1;
    pthread_mutex_unlock(&ex_said);
}

static void ex_crash(void) {
    volatile uintptr_t nowhere = 16; /* a null pointer would be optimised away */
    *(volatile int *)nowhere = 1;
}

/* At the beginning of every function: the ledger, then the trouble that was ordered for it. */
#define CALLED(format, ...)                                      \
    do {                                                         \
        ex_say("%s " format, __func__, ##__VA_ARGS__);           \
        if (strcmp(ex_crash_in, __func__) == 0) ex_crash();      \
        while (strcmp(ex_hang_in, __func__) == 0) pause();       \
        if (strcmp(ex_refuse, __func__) == 0) {                  \
            ex_say("refused %s", __func__);                      \
            return -1;                                           \
        }                                                        \
    } while (0)

/* Troubles are the same for every library; returns whether the line was one. */
static int ex_trouble(const char *line) {
    if (strcmp(line, "crash") == 0) {
        ex_crash();
    } else if (strncmp(line, "crash-in ", 9) == 0) {
        snprintf(ex_crash_in, sizeof ex_crash_in, "%.63s", line + 9);
    } else if (strncmp(line, "hang-in ", 8) == 0) {
        snprintf(ex_hang_in, sizeof ex_hang_in, "%.63s", line + 8);
    } else if (strncmp(line, "refuse ", 7) == 0) {
        snprintf(ex_refuse, sizeof ex_refuse, "%.63s", line + 7);
    } else if (strncmp(line, "print ", 6) == 0) {
        printf("%s\n", line + 6);
        fflush(stdout);
    } else {
        return 0;
    }
    return 1;
}

static long long ex_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* How long a file of A-law plays; -1: there is none. */
static long long ex_play_ms(const char *path, int head) {
    struct stat found;
    if (stat(path, &found) != 0) return -1;
    return found.st_size > head ? (found.st_size - head) * 1000LL / RATE : 0;
}

static void ex_put32(unsigned char *at, uint32_t value) { memcpy(at, &value, 4); }
static void ex_put16(unsigned char *at, uint16_t value) { memcpy(at, &value, 2); }

/* A recording of nobody: silence of the right length, as a WAV file or bare. */
static void ex_write_recording(const char *path, long long ms, int wav) {
    uint32_t samples = (uint32_t)(ms * RATE / 1000);
    unsigned char head[46] = "RIFF....WAVEfmt ";
    ex_put32(head + 4, samples + 38);
    ex_put32(head + 16, 18), ex_put16(head + 20, 6), ex_put16(head + 22, 1);
    ex_put32(head + 24, RATE), ex_put32(head + 28, RATE), ex_put16(head + 32, 1), ex_put16(head + 34, 8);
    memcpy(head + 38, "data", 4), ex_put32(head + 42, samples);
    FILE *file = fopen(path, "wb");
    if (file == NULL) return;
    if (wav) fwrite(head, 1, sizeof head, file);
    for (uint32_t at = 0; at < samples; at++) fputc(ALAW_SILENCE, file);
    fclose(file);
}
