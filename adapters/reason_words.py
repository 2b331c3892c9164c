"""What are the reasons that adapters give in English called in Chinese? One table; `reasons.py` reads it.

`{name}` is a hole: what a device or the machine said there is put into the Chinese as it is; what stands in `{why}` is
a reason itself and is said in Chinese too. A literal reason of `adapters/` without a line here fails
`tests/adapters/test_reasons.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FRAMES: Final[Mapping[str, str]] = {
    # any frame or delivery
    "unreadable time": "时间无法识别，已按收到的时间登记",
    "time not written as the mapping says": "时间格式与映射文件的 time 不符，已按收到的时间登记",
    "impossible time": "时间不可能，已按收到的时间登记",
    "no time": "没有时间，已按收到的时间登记",
    "time {span} days ahead of ours": "时间比本机快 {span} 天，已按收到的时间登记：请校准设备时钟",
    "time {span} years ahead of ours": "时间比本机快 {span} 年，已按收到的时间登记：请校准设备时钟",
    "time {span} s ahead of ours": "时间比本机快 {span} 秒，已按收到的时间登记：请校准设备时钟",
    "time {span} days old": "时间是 {span} 天以前，已按收到的时间登记：请校准设备时钟",
    "time {span} years old": "时间是 {span} 年以前，已按收到的时间登记：请校准设备时钟",
    "time {span} s old": "时间是 {span} 秒以前，已按收到的时间登记：请校准设备时钟",
    "neither UTF-8 nor GBK text": "不是 UTF-8 或 GBK 文字",
    "{field} is not a text": "{field} 不是文字",
    "{field} is too long": "{field} 过长",
    "{field} holds control characters": "{field} 含有控制字符",
    "{field} is missing": "缺少 {field}",
    "{field} is missing or not a number": "缺少 {field}，或不是数字",
    "{field} is not a number": "{field} 不是数字",
    "{field} is empty": "{field} 是空的",
    # boxes, monitors, modems
    "no frame": "字节中没有完整的一帧",
    "no name of a wire": "留存的数据没有线名",
    "no wire {wire} in the settings": "设置中没有名为 {wire} 的线（wires）",
    "line {line} has no channel in the settings": (
        "线路名 {line} 没有对应的通道：请在 ports 中写明，如 ports = {{ {line} = 1 }}"
    ),
    "no word about a recording: {kind}": "关于录音的数据无法识别（{kind}）",
    "no digits between a start and an end symbol": "起止符之间没有号码",
    "RING without the number that was called": "RING 行缺少被叫号码",
    "no event of a call monitor, or half of one": "不是呼叫监视器（call monitor）的事件，或不完整",
    "CALL without NMBR": "CALL 行缺少号码（NMBR）",
    "CALLINFO that is neither BYE nor CANCEL": "CALLINFO 行既不是 BYE 也不是 CANCEL",
    "neither CALL nor CALLINFO": "既不是 CALL 也不是 CALLINFO 行",
    "a frame without NMBR": "缺少号码（NMBR）",
    "not between ### and +++": "不是以 ### 开头、+++ 结尾",
    "neither a record nor a detail line": "既不是来电记录，也不是明细行：请核对方言（dialect）",
    "not a line of a modem that waits for calls": "不是待机调制解调器发出的内容：请核对方言（dialect）",
    "a parameter of the caller id is cut off": "来电显示数据的一个参数不完整",
    "caller id without a date": "来电显示数据没有日期",
    "caller id without a parameter of a call": "来电显示数据没有来电参数",
    "length or checksum of the caller id are wrong": "来电显示数据的长度或校验和不对：请核对波特率和线路噪声",
    "frame type {kind} is no caller id": "帧类型 {kind} 不是来电显示",
    # call records
    "neither an incoming call nor anything else that is known": "不是来电话单，也不是已知的内容：请核对方言（dialect）",
    "something stands between two columns": "列与列之间有内容：请核对话单格式（dialect）",
    "the record has too few fields": "话单的栏数不足：请核对话单格式（dialect）",
    "the record is too long": "话单过长",
    "the record is too short": "话单过短",
    "the record is written in an unknown way": "话单的写法未知：请核对话单格式（dialect）",
    "the record has no id": "话单没有标识",
    "unreadable length of {field}": "时长 {field} 无法识别",
    "{field} is written in an unknown way": "{field} 的写法未知：请核对话单格式（dialect）",
    "{field} is not {encoding}": "{field} 不是 {encoding} 编码的文字",
    # FreeSWITCH
    "no event": "不是事件",
    "the event is too long": "事件过长",
}

PUSHES: Final[Mapping[str, str]] = {
    "the body is too long": "内容过长",
    "not an object": "不是 JSON 对象",
    "not an object with a list 'events'": "应为含 events 列表的 JSON 对象",
    "neither an object nor a list": "既不是 JSON 对象，也不是列表",
    "more than {most} records in one delivery": "一次推送超过 {most} 条话单",
    "more than {most} events in one delivery": "一次推送超过 {most} 条事件",
    "not JSON: {why}": "不是正确的 JSON：{why}",
    "not XML: a NUL byte": "不是正确的 XML：含有空字节",
    "not XML: more than {most} levels": "XML 超过 {most} 层",
    "not XML: {kind}": "不是正确的 XML（{kind}）",
    "not form-encoded": "不是表单编码（a=1&b=2）",
    "not lines of key=value": "不是逐行的 键=值",
    "there is no list of events where the mapping says": "在映射文件 items 所指的位置没有事件列表",
    "no rule of the mapping fits": "映射文件中没有符合的规则",
    "no rule of the mapping fits: {seen}": "映射文件中没有符合的规则（收到 {seen}）：请补一段 [[events]]",
    "digits are not keys of a telephone": "digits 不是电话按键",
    "recording is neither an http address nor a path below the recordings folder": (
        "recording 既不是 http(s) 地址，也不是录音目录下的路径"
    ),
    "exactly one of url and file is needed": "url 和 file 须且只须填写一个",
    "must be a path below the recordings folder": "应为录音目录下的路径",
    "only http and https": "只能是 http 或 https 地址",
    "unknown kind of push": "未知的推送种类",
    "unknown kind of report": "未知的报告种类",
    "unknown event": "未知的事件",
    "neither Event nor Cdr": "既不是 Event 也不是 Cdr",
    "msg is not JSON": "msg 不是正确的 JSON",
    "msg is not an object": "msg 不是 JSON 对象",
    "too many members": "members 过多",
    "too many lines to one call": "一通电话的行数过多",
    "lines of several calls": "含有不止一通电话的行",
    "the connection was closed in the middle": "连接中途断开",
    # why a delivery was not admitted
    "network_not_allowed": "来源地址不在 networks 之内",
    "peer_unknown": "来源地址不明",
    "token_missing": "没有令牌：请用 X-Hotline-Token、Authorization 或地址中的 ?token=",
    "token_wrong": "令牌不对：请核对设置的 tokens",
    "signature_missing": "没有签名",
    "signature_wrong": "签名不对：请核对两边的密钥（secrets）",
    "timestamp_bad": "时间戳应为 Unix 秒",
    "timestamp_stale": "时间戳过旧：请校准设备时钟",
    "timestamp_ahead": "时间戳超前：请校准设备时钟",
    # strict JSON, and what is in it (json, msgspec)
    "Expecting property name enclosed in double quotes{rest}": "这里应为用双引号括起的键名{rest}",
    "Expecting value{rest}": "这里缺少一个值{rest}",
    "Expecting ',' delimiter{rest}": "这里缺少逗号{rest}",
    "Expecting ':' delimiter{rest}": "这里缺少冒号{rest}",
    "Unterminated string starting at{rest}": "文字的引号没有闭合{rest}",
    "Extra data{rest}": "结束之后还有内容{rest}",
    "Invalid control character at{rest}": "文字中有控制字符{rest}",
    "Invalid \\escape{rest}": "反斜杠的写法不对{rest}",
    "Invalid \\uXXXX escape{rest}": "\\u 的写法不对{rest}",
    "Illegal trailing comma before end of object{rest}": "对象末尾多了逗号{rest}",
    "Illegal trailing comma before end of array{rest}": "列表末尾多了逗号{rest}",
    "a key appears twice in one object": "同一个键写了两次",
    "nested too deeply": "层次过深",
    "{constant} is not JSON": "JSON 不允许 {constant}",
    "Object missing required field `{field}`": "缺少 {field}",
    "Invalid value '{value}'": "没有 {value} 这一种",
    "Invalid enum value '{value}'": "没有 {value} 这一种",
    "Expected `{wanted}`, got `{given}`": "应为{wanted}，收到{given}",
    "Expected `str` of length <= {most}": "文字过长，最多 {most} 个字",
    "Expected `str` of length >= {least}": "文字过短，至少 {least} 个字",
    "Expected `str` matching regex {pattern}": "文字不合要求 {pattern}",
    "Expected `{kind}` >= {least}": "数字不能小于 {least}",
    "Expected `{kind}` <= {most}": "数字不能大于 {most}",
}

LINKS: Final[Mapping[str, str]] = {
    "not connected": "没有连接",
    "closed": "已关闭",
    "ended": "已结束",
    "the device is gone": "设备已断开：请检查电源和连线",
    "the device takes nothing for {seconds} s": "设备 {seconds} 秒没有接收数据：请检查流控（flow）和连线",
    "{url} could not be opened within {seconds} s": "{url} 在 {seconds} 秒内打不开：请核对地址和网络",
    "no answer within {seconds} s": "{seconds} 秒内没有应答",
    "no answer to {what} within {seconds} s": "对 {what} 的应答超过 {seconds} 秒",
    "the decoder failed: {kind}": "解码出错（{kind}）：请把这一行告诉开发者",
    "not a fact of this line": "不是这条线路的事件",
    # Asterisk
    "another program took over the application {app}": "另一个程序接管了应用 {app}：同名应用只能有一个程序",
    "an answer that is not ARI's: {why}": "答复的不是 Asterisk 的 ARI 接口（{why}）：请核对 url",
    "GET {path}: {why}": "查询 {path} 失败：{why}",
    "POST {path}: {why}": "请求 {path} 失败：{why}",
    "PUT {path}: {why}": "请求 {path} 失败：{why}",
    "DELETE {path}: {why}": "请求 {path} 失败：{why}",
    "event filter refused: {why}": "Asterisk 不接受事件筛选：{why}",
    "event socket: {why}": "事件连接中断：{why}",
    # FreeSWITCH
    "收到的不是事件套接字的数据（{why}），重新连接": "收到的不是事件套接字的数据（{why}），重新连接",
    # modems
    "no modem is connected": "没有连接任何调制解调器",
    "the modem is not connected": "调制解调器没有连接",
    "line {line} is not connected": "线路 {line} 没有连接",
    "these modems are served already": "这些调制解调器已在使用",
    "nobody knows whether the modem is on hook": "不能确定调制解调器是否已挂机：请断电重启",
    "the modem does not hang up, or does not answer": "调制解调器不挂机，或没有应答：请断电重启",
    "the modem takes no sound for {seconds} s": "调制解调器 {seconds} 秒没有接收声音：请检查流控（flow）和连线",
    "no voice modem: no answer to {what} within {seconds} s": (
        "没有应答的调制解调器：请核对 url 和 baud，给调制解调器断电重启后再试（{what} 无应答，{seconds} 秒）"
    ),
    "no voice modem: {why}": "不能用作语音调制解调器，请换用支持语音（V.253）的型号：{why}",
    "{make} has neither +FCLASS=8 nor #CLS=8": "{make} 没有语音功能（+FCLASS=8、#CLS=8 都没有）",
    "no coding {wanted} among those it lists": "它列出的声音编码中没有 {wanted}",
    "{command}: ERROR": "不接受命令 {command}（答 ERROR）",
    "{command}: NO CARRIER": "{command} 之后线路已断（NO CARRIER）",
    # cards
    "this card is open already": "这块语音卡已经打开",
    "out of order from the start": "启动时即为故障",
    "device_down: {why}": "语音卡不能使用：{why}",
    "the driver host does not run": "驱动宿主没有运行",
    "the driver host did not begin with what it has": "驱动宿主启动时没有报告通道",
    "the driver host ended": "驱动宿主已结束",
    "the driver host has ended": "驱动宿主已结束",
    "the driver host does not start: {why}": "驱动宿主不能启动：{why}",
    "the host said a line without end": "驱动宿主的一行没有结束",
    "the library has hung for {seconds} s": "厂家的库 {seconds} 秒没有返回，已结束它",
    # the device's list of calls
    "the device does not tell its serial number: pull.serial": (
        "设备没有报告序列号：请照它推送中的 sn 写明 pull 的 serial"
    ),
    "the device names no file": "设备没有给出话单文件",
    "instead of the file: {said}": "下载的不是话单文件，而是：{said}",
    "the file is not CSV: {why}": "下载的不是 CSV 文件（{why}）",
    "user name or password: {said}": (
        "用户名或密码不对，或设备没有打开接口（API）：请核对 pull 的 username 和 password（{said}）"
    ),
    "HTTP {status}: user name or password": (
        "用户名或密码不对，或设备没有打开接口（API）：请核对 pull 的 username 和 password（HTTP {status}）"
    ),
    "error_code {code}": "设备答复错误码 {code}",
    "HTTP 404": "设备上没有这个接口：请核对 pull 的 path 和固件版本（HTTP 404）",
    "HTTP {status}": "设备答复 HTTP {status}",
    "timed out": "连接超时：请核对地址和网络",
    "the address is not valid": "地址不正确：请核对 url",
    "the answer is not a JSON object": "答复的不是这种设备的接口：请核对 pull 的 url、path 和 dialect",
    "the answer is not JSON: {rest}": "答复的不是这种设备的接口：请核对 pull 的 url、path 和 dialect",
    "the answer is longer than {most} MiB": "答复超过 {most} MiB",
    "more than {most} calls in one list": "一份话单列表超过 {most} 通：请调大 pull 的 max_calls 或缩短 every_seconds",
    "there is no list of calls where the mapping says": "在映射文件 [pull] items 所指的位置没有话单列表",
    # a line of the simulated hall
    "the simulated hall does not run": "模拟大厅没有运行",
    "this simulated hall runs already": "模拟大厅已在运行",
}

SYSTEM: Final[Mapping[str, str]] = {
    "Permission denied": "没有权限：请把运行用户加入 dialout 组，或安装 deploy/99-hotline-serial.rules",
    "Could not exclusively lock": (
        "串口正被别的程序占用：hotline doctor 会指出是哪个进程；在命令行检查之前请先停止服务（systemctl stop hotline）"
    ),
    "Could not configure port": "不是串口：请核对名称",
    "No such file": "设备不存在：线没有插好，或名称写错。ls -l /dev/serial/by-id/ 可列出现有设备",
    "Connection refused": "对方拒绝连接：请核对地址和端口，设备是否开机、其输出功能是否打开",
    "Connect call failed": "连接不上：请核对地址和端口，设备是否开机、网络是否相通",
    "All connection attempts failed": "连接不上：请核对地址和端口，设备是否开机、网络是否相通",
    "Connection reset": "对方断开了连接",
    "Broken pipe": "对方断开了连接",
    "Input/output error": "设备已断开：请检查电源和连线",
    "No route to host": "网络不通：请核对地址和路由",
    "Network is unreachable": "网络不通：请核对地址和路由",
    "Name or service not known": "找不到这个主机名：请核对地址和 DNS",
    "Temporary failure in name resolution": "找不到这个主机名：请核对地址和 DNS",
    "CERTIFICATE_VERIFY_FAILED": "设备的证书不受信任：请把它的证书（PEM）存为文件，写入 verify",
    "timed out": "连接超时：请核对地址和网络",
    "No such device": "设备已拔出：请检查连线",
    "声音设备没有反应": "声音设备没有反应：请拔插声卡，再看 dmesg",
}
"""What the operating system says, looked for anywhere in a reason that begins with no sentence of ours."""
