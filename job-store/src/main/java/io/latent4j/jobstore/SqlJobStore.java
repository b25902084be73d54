package io.latent4j.jobstore;

import com.google.common.collect.Iterables;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.store.JobEnd;
import io.latent4j.service.store.JobError;
import io.latent4j.service.store.JobExistsException;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.JobStore;
import io.latent4j.service.store.NewJob;
import io.latent4j.service.store.QueueBounds;
import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Jobs in a database, which outlive the process: H2 in a file, or PostgreSQL, which several processes can share. When a method
 * returns, what it did is on disk.
 *
 * <p>Whatever changes jobs is one transaction that first locks the row of {@code job_queue}, so that changes come one after the
 * other in all processes, and bounds, turns and numbers hold in all of them together. What is called again and again looks
 * without the lock first.
 *
 * <p>Methods throw {@link JobStoreException} if the database cannot be reached.
 */
public final class SqlJobStore implements JobStore {
    private static final int MOST_IN_A_LIST = 1000;

    private final Database database;

    private SqlJobStore(Database database) {
        this.database = database;
    }

    /**
     * The jobs in a folder, by H2: the file {@code jobs.mv.db}. It is made if it is missing. No other process can have it open.
     *
     * @throws JobStoreException if it cannot be opened
     * @throws IllegalArgumentException if the folder's name has a semicolon, which H2 cannot take
     */
    public static SqlJobStore file(Path folder) {
        return new SqlJobStore(Database.open(H2Url.file(folder), "sa", ""));
    }

    /**
     * The jobs of a database, whose tables are made if they are missing.
     *
     * @param url {@code jdbc:postgresql://host/name} or {@code jdbc:h2:file:path}
     * @param user empty for the one in the URL, or none
     * @param password empty for the one in the URL, or none
     * @throws JobStoreException if it cannot be opened
     * @throws IllegalArgumentException if it is another database, or the URL has a setting that is not allowed
     */
    public static SqlJobStore of(String url, String user, String password) {
        return new SqlJobStore(Database.open(DatabaseUrl.of(url), user, password));
    }

    @Override
    public StoredJob add(NewJob job, QueueBounds bounds) {
        String json = job.spec().toJson();
        NewJob kept = new NewJob(
                job.id(),
                job.client(),
                job.label(),
                job.priority(),
                JobSpec.fromJson(json), // what is accepted can be read when its turn comes
                job.accepted(),
                job.deadline());
        return database.change(handle -> add(handle, kept, json, bounds));
    }

    private static StoredJob add(Handle handle, NewJob job, String json, QueueBounds bounds) {
        JobTables tables = new JobTables(handle);
        if (tables.find(job.id()).isPresent()) {
            throw new JobExistsException(job.id());
        }
        bounds.check(tables.waiting(), tables.waiting(job.client()));
        StoredJob added = StoredJob.accepted(Turns.nextNumber(handle), job);
        tables.insert(added, json, Turns.of(handle, job));
        return added;
    }

    @Override
    public Optional<StoredJob> claim(String worker, Instant now) {
        if (waitingCount() == 0) {
            return Optional.empty();
        }
        return database.change(handle -> claim(handle, worker, now));
    }

    private static Optional<StoredJob> claim(Handle handle, String worker, Instant now) {
        JobTables tables = new JobTables(handle);
        Optional<JobRow> next = next(tables);
        while (next.flatMap(JobRow::unreadable).isPresent()) {
            fail(tables, next.get(), now);
            next = next(tables);
        }
        return next.map(row -> {
            StoredJob job = tables.jobs(List.of(row)).get(0).claimed(worker, now);
            tables.update(job);
            Turns.claimed(handle, job.priority(), row.turn());
            Workers.heard(handle, worker, now);
            return job;
        });
    }

    private static Optional<JobRow> next(JobTables tables) {
        return tables.rows(JobTables.NEXT_FIRST + " fetch first row only", UnaryOperator.identity()).stream()
                .findFirst();
    }

    private static void fail(JobTables tables, JobRow row, Instant now) {
        JobError error = new JobError(
                JobError.Kind.INVALID,
                "another version accepted it, and this one cannot read it: "
                        + row.unreadable().orElseThrow());
        tables.jobs(List.of(row)).forEach(job -> tables.update(job.ended(JobEnd.failed(error, job.warnings(), now))));
    }

    @Override
    public void beat(String worker, Instant now) {
        if (database.write(handle -> Workers.update(handle, worker, now)) == 0) {
            database.change(handle -> Workers.heard(handle, worker, now));
        }
    }

    @Override
    public List<String> requeueLost(Instant silentSince, Instant now) {
        List<String> lost = changeAll(
                Workers.LOST, query -> query.bind("since", SqlTime.column(silentSince)), job -> job.lost(now));
        database.write(handle -> Workers.forget(handle, silentSince));
        return lost;
    }

    @Override
    public List<String> expire(Instant now) {
        return changeAll(
                "where state = 'QUEUED' and deadline <= :now",
                query -> query.bind("now", SqlTime.column(now)),
                job -> job.expired(now));
    }

    /** Changes all jobs of a query, whose ids are returned; most often there are none. */
    private List<String> changeAll(String where, UnaryOperator<Query> bind, UnaryOperator<StoredJob> change) {
        boolean any = database.read(
                handle -> bind.apply(handle.createQuery("select 1 from job " + where + " fetch first row only"))
                        .mapTo(Integer.class)
                        .findFirst()
                        .isPresent());
        if (!any) {
            return List.of();
        }
        return database.change(handle -> {
            JobTables tables = new JobTables(handle);
            List<StoredJob> jobs = tables.jobs(where + " order by number", bind);
            jobs.stream().map(change).forEach(tables::update);
            return jobs.stream().map(StoredJob::id).toList();
        });
    }

    @Override
    public boolean release(String id, String worker, Instant now) {
        return change(id, worker, (tables, job) -> tables.update(job.released(now)));
    }

    @Override
    public boolean addImage(String id, String worker, StoredImage image) {
        return change(id, worker, (tables, job) -> {
            if (job.images().stream().noneMatch(there -> there.index() == image.index())) {
                tables.insert(job, image);
            }
        });
    }

    @Override
    public boolean end(String id, String worker, JobEnd end) {
        return change(id, worker, (tables, job) -> tables.update(job.ended(end)));
    }

    /** Changes a running job of this worker. */
    private interface Change {
        void apply(JobTables tables, StoredJob job);
    }

    private boolean change(String id, String worker, Change change) {
        return database.change(handle -> {
            JobTables tables = new JobTables(handle);
            Optional<StoredJob> job = tables.find(id)
                    .filter(j -> j.state() == JobState.RUNNING && j.worker().equals(Optional.of(worker)));
            job.ifPresent(j -> change.apply(tables, j));
            return job.isPresent();
        });
    }

    @Override
    public Optional<StoredJob> cancel(String id, Instant now) {
        return database.change(handle -> {
            JobTables tables = new JobTables(handle);
            Optional<StoredJob> job = tables.find(id).map(j -> j.cancelled(now));
            job.ifPresent(tables::update);
            return job;
        });
    }

    @Override
    public Set<String> toStop(String worker, Set<String> running) {
        Set<String> stop = new HashSet<>(running);
        if (!stop.isEmpty()) {
            stop.removeAll(database.read(handle -> handle.createQuery("""
                select id from job
                where state = 'RUNNING' and worker = :worker and not cancelling and id in (<running>)
                """)
                    .bind("worker", SqlText.encode(worker))
                    .bindList("running", running)
                    .mapTo(String.class)
                    .list()));
        }
        return stop;
    }

    @Override
    public Optional<StoredJob> find(String id) {
        return database.snapshot(handle -> new JobTables(handle).find(id));
    }

    @Override
    public List<StoredJob> list(JobQuery query) {
        List<String> conditions = new ArrayList<>(List.of("1 = 1"));
        if (!query.states().isEmpty()) {
            conditions.add("state in (<states>)");
        }
        query.client().ifPresent(client -> conditions.add("client = :client"));
        query.text().ifPresent(text -> conditions.add("prompt like :text escape '!'"));
        query.before().ifPresent(before -> conditions.add("number < :before"));
        String rest =
                "where " + String.join(" and ", conditions) + " order by number desc fetch first :limit rows only";
        return database.snapshot(handle -> new JobTables(handle).jobs(rest, select -> bind(select, query)));
    }

    private static Query bind(Query select, JobQuery query) {
        if (!query.states().isEmpty()) {
            select.bindList("states", query.states().stream().map(Enum::name).toList());
        }
        query.client().ifPresent(client -> select.bind("client", SqlText.encode(client)));
        query.text()
                .ifPresent(
                        text -> select.bind("text", SqlText.containing(SqlText.encode(text.toLowerCase(Locale.ROOT)))));
        query.before().ifPresent(before -> select.bind("before", before));
        return select.bind("limit", query.limit());
    }

    @Override
    public List<String> waiting() {
        return database.read(handle -> handle.createQuery("select id from job " + JobTables.NEXT_FIRST)
                .mapTo(String.class)
                .list());
    }

    @Override
    public int waitingCount() {
        return database.read(handle -> new JobTables(handle).waiting());
    }

    @Override
    public int runningCount() {
        return database.read(handle -> new JobTables(handle).running());
    }

    @Override
    public int forget(Instant endedBefore, int most) {
        int forgotten = 0;
        while (database.read(handle -> Forgetting.due(handle, endedBefore, most)) > 0) {
            forgotten += database.change(handle -> Forgetting.some(handle, endedBefore, most));
        }
        return forgotten;
    }

    @Override
    public boolean forget(String id) {
        return database.change(handle -> handle.createUpdate("delete from job where id = :id and ended is not null")
                        .bind("id", id)
                        .execute()
                > 0);
    }

    @Override
    public Set<String> inUse(Set<String> digests) {
        Set<String> used = new HashSet<>();
        for (List<String> some : Iterables.partition(digests, MOST_IN_A_LIST)) {
            used.addAll(database.read(
                    handle -> handle.createQuery("select distinct digest from job_image where digest in (<digests>)")
                            .bindList("digests", some)
                            .mapTo(String.class)
                            .list()));
        }
        return used;
    }

    @Override
    public Optional<StoredImage> image(String digest) {
        return database.read(handle -> handle.createQuery(
                        "select * from job_image where digest = :digest order by job, image fetch first row only")
                .bind("digest", digest)
                .map((row, context) -> JobRow.image(row))
                .findFirst());
    }

    @Override
    public void close() {
        database.close();
    }
}
