-- One row. Whatever changes jobs locks it first, so that changes come one after the other in all processes.
create table job_queue (
    id integer primary key,
    last_number bigint not null
);
insert into job_queue (id, last_number) values (1, 0);

-- The largest turn that was claimed.
create table claimed_turn (
    priority integer primary key,
    turn bigint not null
);

create table job (
    number bigint primary key,
    id varchar(64) not null unique,
    client varchar not null,
    priority integer not null,
    turn bigint not null,
    state varchar(16) not null,
    spec varchar not null, -- JSON
    prompt varchar not null, -- in lower case, to search
    accepted timestamp(6) with time zone not null,
    deadline timestamp(6) with time zone,
    started timestamp(6) with time zone,
    ended timestamp(6) with time zone,
    worker varchar,
    attempts integer not null,
    cancelling boolean not null,
    error_kind varchar(16),
    error_message varchar,
    warnings varchar not null -- JSON
);
create index job_next on job (state, priority desc, turn, number);
create index job_ended on job (ended, number);
create index job_client on job (client, number);

create table job_image (
    job bigint not null references job (number) on delete cascade,
    image integer not null, -- its index in the job, from 0
    digest varchar(64) not null,
    seed bigint not null,
    width integer not null,
    height integer not null,
    parameters varchar not null,
    made timestamp(6) with time zone not null,
    primary key (job, image)
);
create index job_image_digest on job_image (digest);

create table worker (
    name varchar primary key,
    heard timestamp(6) with time zone not null
);
