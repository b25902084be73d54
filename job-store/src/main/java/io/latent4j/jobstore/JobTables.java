package io.latent4j.jobstore;

import io.latent4j.service.store.StoredImage;
import io.latent4j.service.store.StoredJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;

/** Jobs and images of one connection, as rows of tables. */
final class JobTables {
    static final String NEXT_FIRST = "where state = 'QUEUED' order by priority desc, turn, number";

    private final Handle handle;

    JobTables(Handle handle) {
        this.handle = handle;
    }

    /** The rows of a query, whose text is what follows the columns and the table. */
    List<JobRow> rows(String rest, UnaryOperator<Query> bind) {
        return bind.apply(handle.createQuery("select job.* from job " + rest))
                .map((row, context) -> JobRow.read(row))
                .list();
    }

    /** The jobs of these rows, in their order. */
    List<StoredJob> jobs(List<JobRow> rows) {
        if (rows.isEmpty()) {
            return List.of();
        }
        Map<Long, List<StoredImage>> images = new HashMap<>();
        handle.createQuery("select * from job_image where job in (<jobs>) order by job, image")
                .bindList("jobs", rows.stream().map(JobRow::number).toList())
                .map((row, context) -> Map.entry(row.getLong("job"), JobRow.image(row)))
                .collect(Collectors.toList())
                .forEach(entry -> images.computeIfAbsent(entry.getKey(), job -> new ArrayList<>())
                        .add(entry.getValue()));
        return rows.stream()
                .map(row -> row.job().apply(images.getOrDefault(row.number(), List.of())))
                .toList();
    }

    /** The jobs of a query, as {@link #rows} has it. */
    List<StoredJob> jobs(String rest, UnaryOperator<Query> bind) {
        return jobs(rows(rest, bind));
    }

    Optional<StoredJob> find(String id) {
        return jobs("where id = :id", query -> query.bind("id", id)).stream().findFirst();
    }

    /** How many wait. */
    int waiting() {
        return count("state = 'QUEUED'", query -> query);
    }

    /** How many of a client wait. */
    int waiting(String client) {
        return count("state = 'QUEUED' and client = :client", query -> query.bind("client", SqlText.encode(client)));
    }

    int running() {
        return count("state = 'RUNNING'", query -> query);
    }

    private int count(String where, UnaryOperator<Query> bind) {
        return bind.apply(handle.createQuery("select count(*) from job where " + where))
                .mapTo(Integer.class)
                .one();
    }

    /** Adds a job that waits. */
    void insert(StoredJob job, String spec, long turn) {
        String prompt = job.spec().request().prompt().text().toLowerCase(Locale.ROOT);
        changing(handle.createUpdate("""
            insert into job (number, id, client, label, priority, turn, state, spec, prompt, accepted,
                deadline, started, ended, worker, attempts, cancelling, error_kind, error_message, warnings)
            values (:number, :id, :client, :label, :priority, :turn, :state, :spec, :prompt, :accepted,
                :deadline, :started, :ended, :worker, :attempts, :cancelling, :error_kind, :error_message, :warnings)
            """), job)
                .bind("id", job.id())
                .bind("client", SqlText.encode(job.client()))
                .bind("label", SqlText.encode(job.label()))
                .bind("priority", job.priority())
                .bind("turn", turn)
                .bind("spec", SqlText.encode(spec))
                .bind("prompt", SqlText.encode(prompt))
                .bind("accepted", SqlTime.column(job.accepted()))
                .bind("deadline", job.deadline().map(SqlTime::column))
                .execute();
    }

    /** Writes what can change of a job. */
    void update(StoredJob job) {
        changing(handle.createUpdate("""
            update job set state = :state, started = :started, ended = :ended, worker = :worker,
                attempts = :attempts, cancelling = :cancelling, error_kind = :error_kind,
                error_message = :error_message, warnings = :warnings
            where number = :number
            """), job).execute();
    }

    private static Update changing(Update update, StoredJob job) {
        return update.bind("number", job.number())
                .bind("state", job.state())
                .bind("started", job.started().map(SqlTime::column))
                .bind("ended", job.ended().map(SqlTime::column))
                .bind("worker", job.worker().map(SqlText::encode))
                .bind("attempts", job.attempts())
                .bind("cancelling", job.cancelling())
                .bind("error_kind", job.error().map(error -> error.kind().name()))
                .bind("error_message", job.error().map(error -> SqlText.encode(error.message())))
                .bind("warnings", JobRow.column(job.warnings()));
    }

    void insert(StoredJob job, StoredImage image) {
        handle.createUpdate("""
            insert into job_image (job, image, digest, seed, width, height, parameters, made)
            values (:job, :image, :digest, :seed, :width, :height, :parameters, :made)
            """)
                .bind("job", job.number())
                .bind("image", image.index())
                .bind("digest", image.digest())
                .bind("seed", image.seed())
                .bind("width", image.width())
                .bind("height", image.height())
                .bind("parameters", SqlText.encode(image.parameters()))
                .bind("made", SqlTime.column(image.made()))
                .execute();
    }
}
