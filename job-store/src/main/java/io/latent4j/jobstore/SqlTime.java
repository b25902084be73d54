package io.latent4j.jobstore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Times as both databases keep them: to the microsecond, in the years 1 to 9999. */
final class SqlTime {
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private SqlTime() {}

    /**
     * The time as a column has it, cut to the microsecond: databases would round it.
     *
     * @throws IllegalArgumentException if it is outside of these years
     */
    static OffsetDateTime column(Instant time) {
        Instant cut = time.truncatedTo(ChronoUnit.MICROS);
        if (cut.isBefore(FIRST) || cut.isAfter(LAST)) {
            throw new IllegalArgumentException("the time is " + time + "; expected the years 1 to 9999");
        }
        return cut.atOffset(ZoneOffset.UTC);
    }

    static Instant read(ResultSet row, String column) throws SQLException {
        return optional(row, column).orElseThrow();
    }

    static Optional<Instant> optional(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }
}
