-- For whom a client asks, as it says itself. Jobs of before have none.
alter table job add column label varchar default '' not null;
