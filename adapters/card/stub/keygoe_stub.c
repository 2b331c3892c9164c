/* A stand-in for DonJin's Keygoe XMS, by its published names: one module (1) with four analogue trunks (channels 0-3), four
 * stations (4-7), one ISDN trunk (8), a voice device for each, and two conference devices. Made by us for tests and
 * rehearsals; see exchange.h. Compile with: cc -shared -fPIC -pthread
 *
 * The exchange is where the settings say that the XMS service is.
 */
#include "exchange.h"

#define MODULE 1
#define PORTS 9
#define CONFERENCES 2

enum { VOICE = 2, INTERFACE = 5, BOARD = 8, CONFERENCE = 0x0C };
enum { TRUNK = 1, USER = 2, DSS1 = 7 };
enum { QUERY_DEVICE = 0x10002, QUERY_END, OPEN_DEVICE, CLOSE_DEVICE, DEVICE_STATE = 0x10007 };
enum { CALL_OUT = 0x20001, CALL_IN, ALERT_CALL, ANSWER_CALL, LINK, UNLINK, CLEAR_CALL, ANALOG };
enum { PLAY = 0x50001, RECORD = 0x50005, SEND_IO = 0x70001, RECV_IO };
enum { UNIFAILURE = 0x90001 };
enum { FREE = 1, UNAVAILABLE = 5, CALLIN = 7, CONNECT = 9 };

typedef struct { int32_t type, channel; } Call;
typedef struct { int16_t main, sub; int8_t module, machine; int16_t channel, group; int8_t rfu[2]; Call call; } Device;
typedef struct { uint32_t handle; Device device; int32_t size, type; uint32_t parameter; } Head;
typedef struct { int32_t main, module, count; } DeviceList;
typedef struct { int32_t ok, error, state, spare; uint32_t private_size; } General;
typedef struct {
    int32_t ok, error, cause;
    uint8_t category, calling_indicator, called_indicator;
    int8_t rfu;
    char calling[32], called[32], rfu2[32];
    uint32_t private_size;
} CallControl;
typedef struct { int32_t ok, error; uint8_t state, rfu[3]; uint32_t private_size; } Analog;
typedef struct { int32_t ok, error; uint16_t type, length; } Io;
typedef struct { int32_t ok, error; uint8_t task, gtd, rfu[2]; uint32_t file, position, private_size; } Media;
typedef struct { char ip[32]; uint32_t port; char user[32], password[32]; } Server;
typedef struct {
    uint8_t task, source, coding, rfu;
    uint32_t most_bytes, most_seconds, stop_mode, stop_code;
    uint16_t offset, type, index;
    char file[128];
    uint16_t rest;
} PlayProperty;
typedef struct { uint8_t one, two; uint16_t one_channel, two_channel; char rfu[2]; } Mixer;
typedef struct {
    uint32_t most_bytes, most_seconds;
    uint8_t coding, source, stop_mode, stop_code;
    int8_t mixed, rfu;
    Mixer mixer;
    int8_t append;
    char file[260], rfu2;
} RecordProperty;
typedef struct { uint8_t input, output, rfu[2]; } Member;
typedef void (*Esr)(void *event);

typedef struct Waiting { struct Waiting *next; size_t size; } Waiting;

static struct {
    int sub, up, ringing, in_conference, spoilt, negative;
    char caller[32], called[32];
    long long play_until, record_since, record_until;
    int task;
    char recording[260];
} ports[PORTS];
static Waiting *first, **last = &first;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static Esr listener;

static Device device_of(int main, int channel) {
    int sub = main == INTERFACE ? ports[channel].sub : 0;
    return (Device){.main = (int16_t)main, .sub = (int16_t)sub, .module = MODULE, .channel = (int16_t)channel,
                    .call = {main, channel + 100}};
}

/* Under the lock. */
static void happen(int type, Device device, const void *body, size_t size, const void *rest, size_t rest_size) {
    Waiting *one = calloc(1, sizeof *one + sizeof(Head) + size + rest_size);
    Head *head = (Head *)(one + 1);
    one->size = sizeof *head + size + rest_size;
    *head = (Head){.handle = 7, .device = device, .size = (int32_t)one->size, .type = type};
    if (size) memcpy(head + 1, body, size);
    if (rest_size) memcpy((char *)(head + 1) + size, rest, rest_size);
    *last = one, last = &one->next;
    pthread_cond_signal(&more);
}

static void control(int type, int channel, int ok) {
    CallControl body = {.ok = ok};
    if (ports[channel].sub == DSS1) snprintf(body.calling, 32, "%s", ports[channel].caller);
    snprintf(body.called, 32, "%s", ports[channel].called);
    happen(type, device_of(INTERFACE, channel), &body, sizeof body, NULL, 0);
}

static void state(int channel, int now) {
    General body = {.ok = 1, .state = now};
    happen(DEVICE_STATE, device_of(INTERFACE, channel), &body, sizeof body, NULL, 0);
}

static void io(int channel, int type, const void *data, size_t length) {
    Io body = {.ok = 1, .type = (uint16_t)type, .length = (uint16_t)length};
    happen(RECV_IO, device_of(VOICE, channel), &body, sizeof body, data, length);
}

static void media(int type, int channel, int task, int code) {
    Media body = {.ok = 1, .error = code, .task = (uint8_t)task};
    happen(type, device_of(VOICE, channel), &body, sizeof body, NULL, 0);
}

/* Nothing can be played on the channel: 1, each end says so; 2, the order fails instead. */
static void end_play(int channel) {
    Media body = {.ok = 0, .error = 7, .task = (uint8_t)ports[channel].task};
    General failure = {.ok = 0, .error = 7};
    if (ports[channel].spoilt == 0) media(PLAY, channel, ports[channel].task, 0);
    else if (ports[channel].spoilt == 1) happen(PLAY, device_of(VOICE, channel), &body, sizeof body, NULL, 0);
    else happen(UNIFAILURE, device_of(VOICE, channel), &failure, sizeof failure, NULL, 0);
}

static void end_recording(int channel) {
    if (ports[channel].recording[0] == 0) return;
    ex_write_recording(ports[channel].recording, ex_now_ms() - ports[channel].record_since, 0);
    ports[channel].recording[0] = 0;
    media(RECORD, channel, 0, 1);
}

static void let_go(int channel) {
    ports[channel].up = ports[channel].ringing = 0;
    ports[channel].play_until = 0;
    end_recording(channel);
    control(CLEAR_CALL, channel, 1);
    state(channel, FREE);
}

/* A frame as the exchange sends it between two rings: MDMF with the number, after some seizure bytes. */
static void say_number(int channel, const char *number) {
    unsigned char frame[64] = {0x55, 0x55, 0x80}, sum = 0;
    size_t length = strlen(number);
    if (length > 32) return;
    frame[3] = (unsigned char)(length + 2), frame[4] = 2, frame[5] = (unsigned char)length;
    memcpy(frame + 6, number, length);
    for (size_t at = 2; at < length + 6; at++) sum = (unsigned char)(sum + frame[at]);
    frame[length + 6] = (unsigned char)-sum;
    io(channel, 5, frame, length + 7);
}

static void happens(const char *line) {
    int ch = -1;
    char word[16] = "", text[40] = "", other[40] = "";
    if (sscanf(line, "%15s %d %39s %39s", word, &ch, text, other) < 2) return;
    ch -= MODULE * 1000;
    if (ch < 0 || ch >= PORTS) return;
    if (strcmp(word, "call") == 0) {
        snprintf(ports[ch].caller, 32, "%.31s", strcmp(text, "-") == 0 ? "" : text);
        snprintf(ports[ch].called, 32, "%.31s", ports[ch].sub == DSS1 ? other : "");
        if (ports[ch].sub == TRUNK && ports[ch].caller[0]) say_number(ch, ports[ch].caller);
        ports[ch].ringing = 1;
        state(ch, CALLIN);
        control(CALL_IN, ch, 1);
    } else if (strcmp(word, "ring") == 0) {
        Analog body = {.ok = 1, .state = 0};
        happen(ANALOG, device_of(INTERFACE, ch), &body, sizeof body, NULL, 0);
    } else if (strcmp(word, "polarity") == 0) {
        ports[ch].negative = !ports[ch].negative;
        Analog body = {.ok = 1, .state = ports[ch].negative ? 2 : 1};
        happen(ANALOG, device_of(INTERFACE, ch), &body, sizeof body, NULL, 0);
    } else if (strcmp(word, "number") == 0) {
        say_number(ch, text);
    } else if (strcmp(word, "dtmf-number") == 0) {
        for (const char *key = text; *key; key++) io(ch, 1, key, 1);
    } else if (strcmp(word, "stop") == 0 || strcmp(word, "hangup") == 0) {
        let_go(ch);
    } else if (strcmp(word, "busy") == 0) {
        io(ch, 4, "I", 1);
    } else if (strcmp(word, "key") == 0) {
        io(ch, 1, text, 1);
    } else if (strcmp(word, "flood") == 0) {
        for (int times = atoi(text); times > 0; times--) io(ch, 1, "5", 1);
    } else if (strcmp(word, "hook") == 0 && atoi(text)) {
        ports[ch].up = 1, ports[ch].ringing = 0;
        control(CALL_IN, ch, 1);
        state(ch, CONNECT);
    } else if (strcmp(word, "hook") == 0) {
        let_go(ch);
    } else if (strcmp(word, "spoil") == 0) {
        ports[ch].spoilt = atoi(text);
    } else if (strcmp(word, "fault") == 0) {
        state(ch, UNAVAILABLE);
    } else if (strcmp(word, "mend") == 0) {
        state(ch, FREE);
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

/* The library's own thread: tells what has happened, and looks every few milliseconds what has come to its end. */
static void *tell(void *nothing) {
    for (;;) {
        struct timespec when;
        pthread_mutex_lock(&lock);
        long long now = ex_now_ms();
        for (int ch = 0; ch < PORTS; ch++) {
            if (ports[ch].play_until > 0 && ports[ch].play_until <= now) {
                ports[ch].play_until = 0;
                end_play(ch);
            }
            if (ports[ch].recording[0] && ports[ch].record_until > 0 && ports[ch].record_until <= now) end_recording(ch);
        }
        if (first == NULL || listener == NULL) {
            clock_gettime(CLOCK_REALTIME, &when);
            when.tv_nsec += 10000000, when.tv_sec += when.tv_nsec / 1000000000, when.tv_nsec %= 1000000000;
            pthread_cond_timedwait(&more, &lock, &when);
        }
        Waiting *one = listener == NULL ? NULL : first;
        if (one != NULL && (first = one->next) == NULL) last = &first;
        pthread_mutex_unlock(&lock);
        if (one == NULL) continue;
        listener(one + 1);
        free(one);
    }
    return nothing;
}

int XMS_acsDllInit(void) { return 1; }

int XMS_acsOpenStream(uint32_t *handle, Server *server, uint8_t app, uint32_t out, uint32_t in, int32_t debug, void *p) {
    pthread_t thread;
    (void)p;
    for (int ch = 0; ch < PORTS; ch++) ports[ch].sub = ch < 4 ? TRUNK : ch < 8 ? USER : DSS1;
    if (ex_connect(server->ip, server->port) < 0) return -3;
    *handle = 7;
    ex_say("hello keygoe %d %s %s", getpid(), server->user, server->password);
    ex_say("%s %u %u %u %d", __func__, app, out, in, debug);
    pthread_create(&thread, NULL, listen_to_exchange, NULL), pthread_detach(thread);
    pthread_create(&thread, NULL, tell, NULL), pthread_detach(thread);
    return 1;
}

int XMS_acsCloseStream(uint32_t handle, void *p) {
    (void)p;
    CALLED("%u", handle);
    return 1;
}

int XMS_acsSetESR(uint32_t handle, Esr esr, uint32_t parameter, int all) {
    CALLED("%u %u %d", handle, parameter, all);
    pthread_mutex_lock(&lock);
    listener = esr;
    pthread_mutex_unlock(&lock);
    return 1;
}

static void list(int main, int count) {
    Device devices[PORTS];
    DeviceList body = {main, MODULE, count};
    for (int ch = 0; ch < count; ch++) devices[ch] = device_of(main, ch), devices[ch].call = (Call){0, 0};
    happen(QUERY_DEVICE, device_of(BOARD, 0), &body, sizeof body, devices, (size_t)count * sizeof(Device));
}

int XMS_acsGetDeviceList(uint32_t handle, void *p) {
    (void)p;
    CALLED("%u", handle);
    pthread_mutex_lock(&lock);
    list(INTERFACE, PORTS), list(VOICE, PORTS), list(BOARD, 1);
#ifndef WITHOUT_CONFERENCE
    list(CONFERENCE, CONFERENCES);
#endif
    happen(QUERY_END, device_of(BOARD, 0), NULL, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return 1;
}

int XMS_ctsOpenDevice(uint32_t handle, Device *device, void *p) {
    General body = {.ok = 1};
    (void)handle, (void)p;
    pthread_mutex_lock(&lock);
    happen(OPEN_DEVICE, device_of(device->main, device->channel), &body, sizeof body, NULL, 0);
    if (device->main == INTERFACE) state(device->channel, FREE);
    pthread_mutex_unlock(&lock);
    return 1;
}

/* Only a device with its service id is served, as the published programs show. */
#define SERVED(device)                                           \
    if ((device)->call.channel != (device)->channel + 100) return -5

#define NAMED(device) (device)->main, MODULE * 1000 + (device)->channel

int XMS_ctsResetDevice(uint32_t handle, Device *device, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d", NAMED(device));
    SERVED(device);
    return 1;
}

int XMS_ctsMakeCallOut(uint32_t handle, Device *device, char *calling, char *called, void *p) {
    (void)handle, (void)p;
    SERVED(device);
    if (ports[device->channel].up) return -11;
    ports[device->channel].ringing = 1;
    CALLED("%d %d %s %s", NAMED(device), calling[0] ? calling : "-", called); /* and it may be picked up from now on */
    return 1;
}

int XMS_ctsAlertCall(uint32_t handle, Device *device, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d", NAMED(device));
    SERVED(device);
    return 1;
}

int XMS_ctsAnswerCallIn(uint32_t handle, Device *device, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d", NAMED(device));
    SERVED(device);
    pthread_mutex_lock(&lock);
    int can = ports[device->channel].ringing;
    if (can) {
        ports[device->channel].up = 1, ports[device->channel].ringing = 0;
        control(ANSWER_CALL, device->channel, 1);
        state(device->channel, CONNECT);
    }
    pthread_mutex_unlock(&lock);
    return can ? 1 : -11;
}

int XMS_ctsClearCall(uint32_t handle, Device *device, int32_t cause, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %d", NAMED(device), cause);
    SERVED(device);
    pthread_mutex_lock(&lock);
    int busy = ports[device->channel].up && ports[device->channel].sub == USER;
    if (!busy) let_go(device->channel); /* a phone stays off-hook until somebody puts it down */
    pthread_mutex_unlock(&lock);
    if (busy) ex_say("busy-tone %d", MODULE * 1000 + device->channel);
    return 1;
}

int XMS_ctsLinkDevice(uint32_t handle, Device *from, Device *to, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %d %d", NAMED(from), NAMED(to));
    SERVED(from);
    SERVED(to);
    return 1;
}

int XMS_ctsUnlinkDevice(uint32_t handle, Device *from, Device *to, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %d %d", NAMED(from), NAMED(to));
    SERVED(from);
    SERVED(to);
    return 1;
}

int XMS_ctsPlay(uint32_t handle, Device *voice, PlayProperty *what, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %s %d %d %d", NAMED(voice), what->file, what->source, what->coding, what->type);
    SERVED(voice);
    long long ms = ex_play_ms(what->file, 0);
    if (ms < 0 || !ports[voice->channel].up) return -11;
    pthread_mutex_lock(&lock);
    ports[voice->channel].play_until = ex_now_ms() + (ms > 0 ? ms : 1);
    ports[voice->channel].task = what->task;
    pthread_mutex_unlock(&lock);
    return 1;
}

int XMS_ctsControlPlay(uint32_t handle, Device *voice, uint16_t *how, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %d", NAMED(voice), how[0]);
    SERVED(voice);
    pthread_mutex_lock(&lock);
    if (ports[voice->channel].play_until > 0) media(PLAY, voice->channel, ports[voice->channel].task, 1);
    ports[voice->channel].play_until = 0;
    pthread_mutex_unlock(&lock);
    return 1;
}

int XMS_ctsRecord(uint32_t handle, Device *voice, RecordProperty *what, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %s %u %d %d %d %d", NAMED(voice), what->file, what->most_seconds, what->mixer.one,
           what->mixer.one_channel, what->mixer.two, what->mixer.two_channel);
    SERVED(voice);
    if (!ports[voice->channel].up) return -11;
    pthread_mutex_lock(&lock);
    snprintf(ports[voice->channel].recording, sizeof ports[0].recording, "%s", what->file);
    ports[voice->channel].record_since = ex_now_ms();
    ports[voice->channel].record_until = what->most_seconds ? ex_now_ms() + what->most_seconds * 1000LL : 0;
    pthread_mutex_unlock(&lock);
    return 1;
}

int XMS_ctsControlRecord(uint32_t handle, Device *voice, uint32_t *how, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %u", NAMED(voice), how[0]);
    SERVED(voice);
    pthread_mutex_lock(&lock);
    end_recording(voice->channel);
    pthread_mutex_unlock(&lock);
    return 1;
}

int XMS_ctsSendIOData(uint32_t handle, Device *voice, uint16_t type, uint16_t length, const char *data) {
    (void)handle;
    CALLED("%d %d %d %.*s", NAMED(voice), type, (int)length, data);
    SERVED(voice);
    return ports[voice->channel].up ? 1 : -11;
}

int XMS_ctsJoinToConf(uint32_t handle, Device *conference, Device *voice, Member *how, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d %d %d %d %d", NAMED(conference), NAMED(voice), how->input, how->output);
    SERVED(conference);
    SERVED(voice);
    if (!ports[voice->channel].up || ports[voice->channel].in_conference) return -11;
    ports[voice->channel].in_conference = 1;
    return 1;
}

int XMS_ctsLeaveFromConf(uint32_t handle, Device *conference, Device *voice, Member *how, void *p) {
    (void)handle, (void)p, (void)how;
    CALLED("%d %d %d %d", NAMED(conference), NAMED(voice));
    ports[voice->channel].in_conference = 0;
    return 1;
}

int XMS_ctsClearConf(uint32_t handle, Device *conference, void *p) {
    (void)handle, (void)p;
    CALLED("%d %d", NAMED(conference));
    return 1;
}
