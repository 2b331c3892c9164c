-- 中间表（PostgreSQL）。由对方或双方共有的数据库建立；列名、长度可改，改后在映射文件中写明。
-- 权限：本系统对 hotline_out 要 SELECT、INSERT，对 hotline_in 要 SELECT、UPDATE (taken_at)。

CREATE TABLE hotline_out (                 -- 本系统写，对方读
    key                 varchar(100) PRIMARY KEY,   -- 移交标识：同一件只有一行
    local_no            varchar(64) NOT NULL,      -- 12348 工单号
    hall                varchar(64),
    mode                varchar(64),               -- one_key_transfer、three_way、ticket_flow、guidance
    reason_code         varchar(64),
    reason              varchar(200),
    scope_item          varchar(64),               -- 联动事项代码
    legal_basis         varchar(64) NOT NULL,      -- consent、statutory_duty、emergency
    legal_note          varchar(200),
    consent_given       boolean,
    consent_asked_at    timestamptz,
    consent_asked_by    varchar(64),
    confirmed_by        varchar(64),
    confirmed_at        timestamptz,
    urgency             varchar(64),               -- normal、urgent、emergency
    first_receiver      varchar(200),
    happened_at         timestamptz,
    caller_name         varchar(64),
    caller_number       varchar(40),
    confidential        boolean,                   -- 来电人要求保密
    minor               boolean,                   -- 涉及未成年人
    area_code           varchar(64),
    area                varchar(200),
    category            varchar(200),
    category_code       varchar(64),
    title               varchar(200),
    facts               text NOT NULL,
    claim               text,
    answered            text,
    calls               text,                      -- JSON 数组
    attachments         text,                      -- JSON 数组
    sent_by             varchar(64),
    sent_by_number      varchar(64),
    sent_by_unit        varchar(200),
    sent_by_telephone   varchar(40),
    prepared_at         timestamptz,
    taken_at            timestamptz,               -- 对方取走后写入
    case_no             varchar(64)                -- 对方的编号
);
CREATE INDEX ON hotline_out (prepared_at) WHERE taken_at IS NULL;

CREATE TABLE hotline_in (                  -- 对方写，本系统读
    seq                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                  varchar(200),              -- 回告的标识：重发时不变
    type                varchar(64) NOT NULL,      -- acknowledged、accepted、returned、feedback、done
    key                 varchar(100),
    local_no            varchar(64),
    case_no             varchar(64),
    at                  timestamptz,
    text                text,
    reason_code         varchar(64),
    by                  varchar(200),
    taken_at            timestamptz                -- 本系统取走后写入
);
CREATE INDEX ON hotline_in (seq) WHERE taken_at IS NULL;
