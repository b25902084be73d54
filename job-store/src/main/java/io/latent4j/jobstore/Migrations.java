package io.latent4j.jobstore;

import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;

/** Brings the tables, in a schema of their own, to the version that this code needs. */
final class Migrations {
    /** The name of the schema. */
    static final String SCHEMA = "latent4j";

    private Migrations() {}

    /** @throws JobStoreException if a newer version has been there */
    static void run(DataSource source, DatabaseUrl url) {
        Flyway flyway = Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(source)
                .schemas(SCHEMA)
                .createSchemas(true)
                .locations("classpath:io/latent4j/jobstore/migration")
                .failOnMissingLocations(true)
                .cleanDisabled(true)
                .load();
        MigrationInfoService info = flyway.info();
        MigrationVersion newest = newest(info);
        Optional<MigrationVersion> there = Optional.ofNullable(info.current()).map(MigrationInfo::getVersion);
        if (there.filter(version -> version.isNewerThan(newest)).isPresent()) {
            throw new JobStoreException("the tables of " + url + " have version " + there.get()
                    + ", and this program knows " + newest
                    + "; use the newer program that made them, or another database");
        }
        flyway.migrate();
    }

    /** The newest version that this code has. */
    private static MigrationVersion newest(MigrationInfoService info) {
        return Stream.of(info.all())
                .filter(migration -> migration.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .filter(Objects::nonNull) // the making of the schema has none
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }
}
