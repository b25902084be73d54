package io.latent4j.jobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.latent4j.service.store.JobEnd;
import io.latent4j.service.store.JobError;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.JobStoreContract;
import io.latent4j.service.store.QueueBounds;
import io.latent4j.service.store.StoredJob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in a file: opened again, locked, damaged, and of other versions. */
final class H2FileTest {
    private static final Instant NOW = JobStoreContract.NOW;
    private static final QueueBounds MANY = new QueueBounds(1000, 1000);

    @TempDir
    private Path folder;

    private SqlJobStore open() {
        return SqlJobStore.file(folder);
    }

    private void add(SqlJobStore store, String... ids) {
        List.of(ids).forEach(id -> store.add(JobStoreContract.job(id), MANY));
    }

    @Test
    void isAsItWasWhenItIsOpenedAgain() {
        List<StoredJob> jobs;
        try (SqlJobStore store = open()) {
            add(store, "a", "b", "c");
            store.claim("w", NOW);
            store.addImage("a", "w", JobStoreContract.image(0, 'a'));
            store.end("a", "w", JobEnd.done(List.of("a warning"), NOW.plusMillis(7)));
            store.cancel("b", NOW);
            jobs = store.list(JobQuery.NEWEST);
        }
        try (SqlJobStore store = open()) {
            assertThat(store.list(JobQuery.NEWEST)).isEqualTo(jobs);
            add(store, "d");
            assertThat(store.waiting()).containsExactly("c", "d");
            assertThat(store.find("d").orElseThrow().number()).isEqualTo(4);
        }
        assertThat(folder).isDirectoryContaining("glob:**/jobs.mv.db");
    }

    @Test
    void knowsThatWorkersOfBeforeAreDead() {
        try (SqlJobStore store = open()) {
            add(store, "a");
            store.claim("w", NOW);
            try (SqlJobStore second = open()) {
                assertThat(second.requeueLost(NOW, NOW)).isEmpty();
            }
        }
        try (SqlJobStore store = open()) {
            assertThat(store.requeueLost(NOW, NOW)).containsExactly("a");
        }
    }

    @Test
    void saysThatAnotherProcessHasIt() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(H2KillTest.writing(folder)).start();
        try (var output = process.inputReader()) {
            assertThat(output.readLine()).startsWith("added");

            assertThatExceptionOfType(JobStoreException.class)
                    .isThrownBy(this::open)
                    .withMessageContaining(folder.toString())
                    .withMessageContaining("another process has it open; stop that one, or use PostgreSQL")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void saysThatThePasswordIsWrong() {
        String url = "jdbc:h2:file:" + folder.resolve("jobs");
        SqlJobStore.of(url, "me", "right").close();

        assertThatExceptionOfType(JobStoreException.class)
                .isThrownBy(() -> SqlJobStore.of(url, "me", "wrong"))
                .withMessageEndingWith("the user or the password is wrong");
        SqlJobStore.of(url, "me", "right").close();
    }

    @Test
    void encryptsItsFile() throws IOException {
        String url = "jdbc:h2:file:" + folder.resolve("jobs") + ";CIPHER=AES";
        try (SqlJobStore store = SqlJobStore.of(url, "me", "file user")) {
            add(store, "findable-in-the-file");
        }

        assertThat(Files.readString(folder.resolve("jobs.mv.db"), StandardCharsets.ISO_8859_1))
                .doesNotContain("findable-in-the-file");
        assertThatExceptionOfType(JobStoreException.class)
                .isThrownBy(() -> SqlJobStore.of(url, "me", "other user"))
                .withMessageContaining("encrypted by another password");
        try (SqlJobStore store = SqlJobStore.of(url, "me", "file user")) {
            assertThat(store.waiting()).containsExactly("findable-in-the-file");
        }
    }

    @Test
    void saysThatTheFileIsDamaged() throws IOException {
        Files.writeString(folder.resolve("jobs.mv.db"), "no database at all\n".repeat(1000));

        assertThatExceptionOfType(JobStoreException.class)
                .isThrownBy(this::open)
                .withMessageContaining("the file is damaged, or of another version of H2")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void refusesTablesOfANewerVersion() throws SQLException {
        open().close();
        execute("""
            insert into "latent4j"."flyway_schema_history" ("installed_rank", "version", "description", "type",
                "script", "checksum", "installed_by", "installed_on", "execution_time", "success")
            values (99, '1000', 'later', 'SQL', 'V1000__later.sql', 1, 'me', current_timestamp, 1, true)
            """);

        assertThatExceptionOfType(JobStoreException.class)
                .isThrownBy(this::open)
                .withMessageContaining("have version 1000, and this program knows 2; use the newer program");
    }

    @Test
    void bringsTablesOfTheFirstVersionToItsOwn() throws SQLException {
        try (SqlJobStore store = open()) {
            store.add(JobStoreContract.job("a", "key-1", 0), MANY);
        }
        execute("alter table \"latent4j\".job drop column label");
        execute("delete from \"latent4j\".\"flyway_schema_history\" where \"version\" = '2'");

        try (SqlJobStore store = open()) {
            assertThat(store.find("a"))
                    .hasValueSatisfying(job ->
                            assertThat(List.of(job.client(), job.label())).containsExactly("key-1", ""));
            add(store, "b");
            assertThat(store.waiting()).containsExactly("a", "b");
        }
    }

    @Test
    void failsAJobThatThisVersionCannotRead() throws SQLException {
        try (SqlJobStore store = open()) {
            add(store, "a", "b");
        }
        execute("update \"latent4j\".job set spec = '{\"hologram\": true}' where id = 'a'");

        try (SqlJobStore store = open()) {
            assertThat(store.list(JobQuery.NEWEST)).extracting(StoredJob::id).containsExactly("b", "a");
            assertThat(store.claim("w", NOW)).map(StoredJob::id).contains("b");
            assertThat(store.find("a"))
                    .hasValueSatisfying(job -> assertThat(job)
                            .returns(JobState.FAILED, StoredJob::state)
                            .satisfies(j -> assertThat(j.error().map(JobError::message))
                                    .hasValueSatisfying(
                                            message -> assertThat(message).contains("hologram"))));
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = H2Url.file(folder).dataSource("sa", "").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** An interrupt in the middle of a write would close the file. */
    @Test
    void losesNothingWhenThreadsAreInterrupted() throws InterruptedException {
        Set<String> added = new ConcurrentSkipListSet<>();
        try (SqlJobStore store = open()) {
            for (int i = 0; i < 20; i++) {
                String id = "j" + i + "-";
                Thread thread = new Thread(() -> {
                    for (int k = 0; k < 5; k++) {
                        add(store, id + k);
                        added.add(id + k);
                    }
                });
                thread.start();
                Thread.sleep(i);
                thread.interrupt();
                thread.join();
            }
            assertThat(added).hasSize(100);
        }
        try (SqlJobStore store = open()) {
            assertThat(new TreeSet<>(store.waiting())).isEqualTo(added);
        }
    }

    @Test
    void refusesCallsWhenItIsClosed() {
        SqlJobStore store = open();
        store.close();
        store.close();

        assertThatIllegalStateException().isThrownBy(store::waiting).withMessageContaining("closed");
    }
}
