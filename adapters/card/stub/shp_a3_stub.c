/* A stand-in for Synway's SHP_A3, by its published names: eight analogue trunks (channels 0-7), eight stations (8-15) and
 * two ISDN trunks (16, 17). Made by us for tests and rehearsals; see exchange.h. Compile with: cc -shared -fPIC -pthread
 *
 * The configuration says where the exchange is: a line "exchange=ADDRESS PORT".
 */
#include "exchange.h"

#define CHANNELS 18
#define QUEUE 65536
#define GROUPS 8

enum { STANDBY = 0, PICKUPED = 1, RINGING = 2, TALKING = 3, PENDING = 7, UNAVAILABLE = 11 };
enum { ANALOG = 0, STATION = 2, ISDN = 8 };
enum { RCV_DTMF = 0x0C, PLAY_END = 0x0F, RECORD_END = 0x13, CH_STATE = 0x18, RING_COUNT = 0x1E, CID_BUFFER = 0x1F };
enum { POLARITY = 0x21, HOOK_STATE = 0x24, BUSY_TONE = 0x28, NO_SOUND = 0x2F };

typedef struct { unsigned short wEventCode; int nReference; unsigned long dwParam; } MESSAGE_INFO;

static struct {
    int type, state, hook, rings, reversals, reason, talks_with, group;
    char caller[40], dialled[40];
    long long play_until, record_since, record_until;
    char recording[512];
} channels[CHANNELS];
static int groups[GROUPS];

static MESSAGE_INFO events[QUEUE];
static unsigned head, tail;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static char last_error[128];

static int failed(const char *why) {
    snprintf(last_error, sizeof last_error, "%s", why);
    return -1;
}

static int good(int ch) { return ch >= 0 && ch < CHANNELS; }
static int is_up(int ch) {
    return channels[ch].type == STATION ? channels[ch].hook
                                        : channels[ch].state == TALKING || channels[ch].state == PICKUPED;
}

/* Under the lock. */
static void happen(int event, int ch, unsigned long param) {
    if (head - tail == QUEUE) tail++;
    events[head++ % QUEUE] = (MESSAGE_INFO){(unsigned short)event, ch, param};
    pthread_cond_signal(&more);
}

static void turn(int ch, int state) {
    channels[ch].state = state;
    happen(CH_STATE, ch, (unsigned long)state);
}

static void end_recording(int ch, int tell) {
    if (channels[ch].recording[0] == 0) return;
    long long ms = ex_now_ms() - channels[ch].record_since;
    ex_write_recording(channels[ch].recording, ms, 1);
    channels[ch].recording[0] = 0;
    if (tell) happen(RECORD_END, ch, 0);
}

static void let_go(int ch) {
    channels[ch].caller[0] = channels[ch].dialled[0] = 0;
    channels[ch].rings = 0;
    channels[ch].play_until = 0;
    channels[ch].talks_with = channels[ch].group = -1;
    end_recording(ch, 0);
    turn(ch, STANDBY);
}

static void happens(const char *line) {
    int ch = -1, number = 0;
    char word[16] = "", text[40] = "", other[40] = "";
    if (sscanf(line, "%15s %d %39s %39s", word, &ch, text, other) < 2 || !good(ch)) return;
    number = atoi(text);
    if (strcmp(word, "call") == 0) {
        snprintf(channels[ch].caller, 40, "%s", strcmp(text, "-") == 0 ? "" : text);
        snprintf(channels[ch].dialled, 40, "%s", other);
        channels[ch].rings = 1;
        turn(ch, RINGING);
        if (channels[ch].type == ANALOG) happen(RING_COUNT, ch, 1);
    } else if (strcmp(word, "ring") == 0) {
        happen(RING_COUNT, ch, (unsigned long)++channels[ch].rings);
    } else if (strcmp(word, "number") == 0) {
        snprintf(channels[ch].caller, 40, "%s", text);
        happen(CID_BUFFER, ch, strlen(text));
    } else if (strcmp(word, "stop") == 0) {
        let_go(ch);
    } else if (strcmp(word, "hangup") == 0) {
        channels[ch].reason = number;
        turn(ch, PENDING);
    } else if (strcmp(word, "busy") == 0) {
        happen(BUSY_TONE, ch, 1), happen(BUSY_TONE, ch, 2);
    } else if (strcmp(word, "polarity") == 0) {
        happen(POLARITY, ch, (unsigned long)++channels[ch].reversals);
    } else if (strcmp(word, "key") == 0) {
        happen(RCV_DTMF, ch, 0x100 | (unsigned char)text[0]);
    } else if (strcmp(word, "hook") == 0) {
        channels[ch].hook = number;
        happen(HOOK_STATE, ch, (unsigned long)number);
        turn(ch, number ? PICKUPED : STANDBY);
    } else if (strcmp(word, "fault") == 0) {
        turn(ch, UNAVAILABLE);
    } else if (strcmp(word, "mend") == 0) {
        turn(ch, STANDBY);
    } else if (strcmp(word, "quiet") == 0) {
        happen(NO_SOUND, ch, 0);
    } else if (strcmp(word, "flood") == 0) {
        while (number-- > 0) happen(RCV_DTMF, ch, '5');
    }
}

static void *listen_to_exchange(void *nothing) {
    char line[256];
    while (fgets(line, sizeof line, ex_lines) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (ex_trouble(line)) continue;
        pthread_mutex_lock(&lock);
        happens(line);
        pthread_mutex_unlock(&lock);
    }
    return nothing;
}

int SsmStartCti(char *config, char *index) {
    char line[300], ip[40] = "";
    unsigned port = 0;
    pthread_t thread;
    FILE *file = fopen(config, "r");
    if (file == NULL) return failed("cannot read the configuration");
    while (fgets(line, sizeof line, file) != NULL) sscanf(line, "exchange=%39s %u", ip, &port);
    fclose(file);
    for (int ch = 0; ch < CHANNELS; ch++) {
        channels[ch].type = ch < 8 ? ANALOG : ch < 16 ? STATION : ISDN;
        channels[ch].talks_with = channels[ch].group = -1;
    }
    if (ex_connect(ip, port) < 0) return failed("no exchange");
    ex_say("hello shp_a3 %d %s", getpid(), index);
    pthread_create(&thread, NULL, listen_to_exchange, NULL);
    pthread_detach(thread);
    return 0;
}

int SsmCloseCti(void) {
    CALLED("");
    return 0;
}

int SsmGetLastErrMsg(char *into) {
    strcpy(into, last_error);
    return 0;
}

int SsmSetEvent(unsigned short event, int reference, int enable, void *how) {
    CALLED("%d %d %d %lu", event, reference, enable, *(unsigned long *)how & 0xFFFFFFFF);
    return 0;
}

/* Under the lock: what plays or is recorded may be over. Returns when the next one will be. */
static long long look_at_media(void) {
    long long now = ex_now_ms(), next = now + 3600000;
    for (int ch = 0; ch < CHANNELS; ch++) {
        if (channels[ch].play_until > 0 && channels[ch].play_until <= now) {
            channels[ch].play_until = 0;
            happen(PLAY_END, ch, 0);
        } else if (channels[ch].play_until > 0 && channels[ch].play_until < next) {
            next = channels[ch].play_until;
        }
        if (channels[ch].recording[0] == 0 || channels[ch].record_until == 0) continue;
        if (channels[ch].record_until <= now) end_recording(ch, 1);
        else if (channels[ch].record_until < next) next = channels[ch].record_until;
    }
    return next;
}

int SsmWaitForEvent(unsigned long timeout, MESSAGE_INFO *into) {
    long long until = ex_now_ms() + (long long)timeout, next;
    int found;
    if (strcmp(ex_crash_in, __func__) == 0) ex_crash();
    while (strcmp(ex_hang_in, __func__) == 0) pause();
    pthread_mutex_lock(&lock);
    for (;;) {
        next = look_at_media();
        found = head != tail;
        long long left = (next < until ? next : until) - ex_now_ms();
        if (found || ex_now_ms() >= until) break;
        if (left <= 0) continue;
        struct timespec when;
        clock_gettime(CLOCK_REALTIME, &when);
        when.tv_nsec += (left % 1000) * 1000000, when.tv_sec += left / 1000 + when.tv_nsec / 1000000000;
        when.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&more, &lock, &when);
    }
    if (found) *into = events[tail++ % QUEUE];
    pthread_mutex_unlock(&lock);
    return found ? 0 : -1;
}

int SsmGetMaxCh(void) { return CHANNELS; }
int SsmGetChType(int ch) { return good(ch) ? channels[ch].type : failed("no such channel"); }
int SsmGetChState(int ch) { return good(ch) ? channels[ch].state : failed("no such channel"); }
int SsmGetPendingReason(int ch) { return good(ch) ? channels[ch].reason : failed("no such channel"); }
int SsmGetHookState(int ch) { return good(ch) ? channels[ch].hook : failed("no such channel"); }
int SsmCheckPlay(int ch) { return good(ch) && channels[ch].play_until > 0 ? 0 : 1; }

int SsmGetCallerId(int ch, char *into) {
    strcpy(into, channels[ch].caller);
    return (int)strlen(into);
}

int SsmGetPhoNumStr(int ch, char *into) {
    strcpy(into, channels[ch].dialled);
    return (int)strlen(into);
}

int SsmPickup(int ch) {
    CALLED("%d", ch);
    pthread_mutex_lock(&lock);
    int can = channels[ch].type != STATION && (channels[ch].state == RINGING || channels[ch].state == STANDBY);
    if (can) turn(ch, TALKING);
    pthread_mutex_unlock(&lock);
    return can ? 0 : failed("the channel does not ring");
}

int SsmHangup(int ch) {
    CALLED("%d", ch);
    pthread_mutex_lock(&lock);
    let_go(ch);
    pthread_mutex_unlock(&lock);
    return 0;
}

int SsmStartRing(int ch) {
    if (channels[ch].type != STATION || channels[ch].hook) return failed("the phone is off-hook");
    CALLED("%d", ch); /* and it may be picked up from now on */
    return 0;
}

int SsmStartRingWithCIDStr(int ch, char *number, unsigned long length, unsigned long delay) {
    if (channels[ch].type != STATION || channels[ch].hook) return failed("the phone is off-hook");
    CALLED("%d %.*s %lu", ch, (int)length, number, delay);
    return 0;
}

int SsmStopRing(int ch) {
    CALLED("%d", ch);
    return 0;
}

int SsmSendTone(int ch, int tone) {
    CALLED("%d %d", ch, tone);
    return 0;
}

int SsmStopSendTone(int ch) {
    CALLED("%d", ch);
    return 0;
}

int SsmPlayFile(int ch, char *path, int format, unsigned long start, unsigned long length) {
    CALLED("%d %s %d %lu %lu", ch, path, format, start, length);
    long long ms = ex_play_ms(path, 46);
    if (ms < 0) return failed("no such file");
    if (!is_up(ch)) return failed("the channel is on-hook");
    pthread_mutex_lock(&lock);
    channels[ch].play_until = ex_now_ms() + (ms > 0 ? ms : 1);
    pthread_mutex_unlock(&lock);
    return 0;
}

int SsmStopPlayFile(int ch) {
    CALLED("%d", ch);
    pthread_mutex_lock(&lock);
    if (channels[ch].play_until > 0) happen(PLAY_END, ch, 1);
    channels[ch].play_until = 0;
    pthread_mutex_unlock(&lock);
    return 0;
}

int SsmSetRecMixer(int ch, int on, int volume) {
    CALLED("%d %d %d", ch, on, volume);
    return 0;
}

int SsmRecToFile(int ch, char *path, int format, unsigned long start, unsigned long bytes, unsigned long ms, int mask) {
    CALLED("%d %s %d %lu %lu %lu %d", ch, path, format, start, bytes, ms, mask);
    if (!is_up(ch)) return failed("the channel is on-hook");
    pthread_mutex_lock(&lock);
    snprintf(channels[ch].recording, sizeof channels[ch].recording, "%s", path);
    channels[ch].record_since = ex_now_ms();
    channels[ch].record_until = (ms & 0xFFFFFFFF) == 0xFFFFFFFF ? 0 : ex_now_ms() + (long long)ms;
    pthread_mutex_unlock(&lock);
    return 0;
}

int SsmStopRecToFile(int ch) {
    CALLED("%d", ch);
    pthread_mutex_lock(&lock);
    end_recording(ch, 1);
    pthread_mutex_unlock(&lock);
    return 0;
}

int SsmTxDtmf(int ch, char *keys) {
    CALLED("%d %s", ch, keys);
    return is_up(ch) ? 0 : failed("the channel is on-hook");
}

int SsmTalkWith(int one, int two) {
    CALLED("%d %d", one, two);
    if (!is_up(one) || !is_up(two)) return failed("a channel is on-hook");
    if (channels[one].talks_with >= 0 || channels[two].talks_with >= 0) return failed("connected already");
    channels[one].talks_with = two, channels[two].talks_with = one;
    return 0;
}

int SsmStopTalkWith(int one, int two) {
    CALLED("%d %d", one, two);
    channels[one].talks_with = channels[two].talks_with = -1;
    return 0;
}

#ifndef WITHOUT_CONFERENCE
int SsmCreateConfGroup(int members, int speakers, int speaking, int silence) {
    CALLED("%d %d %d %d", members, speakers, speaking, silence);
    for (int group = 0; group < GROUPS; group++)
        if (!groups[group]) return groups[group] = 1, group;
    return failed("no group is free");
}

int SsmFreeConfGroup(int group) {
    CALLED("%d", group);
    groups[group] = 0;
    return 0;
}

int SsmJoinConfGroup(int group, int ch, unsigned short mode, int volume, int create, int leave) {
    CALLED("%d %d %d %d %d %d", group, ch, mode, volume, create, leave);
    if (group < 0 || group >= GROUPS || !groups[group]) return failed("no such group");
    if (!is_up(ch)) return failed("the channel is on-hook");
    if (channels[ch].group >= 0 || channels[ch].talks_with >= 0) return failed("the channel is in use");
    channels[ch].group = group;
    return 0;
}

int SsmExitConfGroup(int ch, int always) {
    CALLED("%d %d", ch, always);
    channels[ch].group = -1;
    return 0;
}
#endif
