package io.latent4j.jobstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseUrlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:file:/srv/jobs",
                "jdbc:h2:/srv/jobs",
                "jdbc:h2:./jobs",
                "jdbc:h2:~/jobs",
                "jdbc:h2:file:C:/jobs",
                "jdbc:h2:/srv/jobs;CACHE_SIZE=4096;cipher=AES",
                "jdbc:postgresql://db.example/jobs",
                "jdbc:postgresql://db.example:5433,other.example/jobs?sslmode=verify-full&ssl=true",
                "jdbc:postgresql:jobs"
            })
    void takesTheTwoDatabases(String url) {
        assertThat(DatabaseUrl.of(url)).hasToString(url.split("[;?]", -1)[0]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:mysql://db.example/jobs?password=secret",
                "postgresql://me:secret@db.example/jobs",
                "/srv/jobs",
                "",
                "jdbc:h2:",
                "jdbc:h2:file:",
                "jdbc:h2:mem:jobs",
                "jdbc:h2:tcp://db.example/jobs",
                "jdbc:h2:ssl://db.example/jobs",
                "jdbc:h2:zip:~/jobs.zip!/jobs",
                "jdbc:h2:file:nio:jobs",
                "jdbc:postgresql://db.example:port/jobs"
            })
    void refusesOthersAndSaysWhichThereAre(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatabaseUrl.of(url))
                .withMessageContaining("expected jdbc:postgresql://host/name, or jdbc:h2:file:")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret", "\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INIT=RUNSCRIPT FROM 'http://example.com/x.sql'",
                "init=create alias x as 'void x() {}'",
                "CACHE_SIZE=1\\;INIT=select 1",
                "CACHE_SIZE=1;TRACE_LEVEL_SYSTEM_OUT=3",
                "AUTO_SERVER=TRUE",
                "DATABASE_EVENT_LISTENER='x.Y'",
                "JAVA_OBJECT_SERIALIZER='x.Y'",
                "AUTHENTICATOR=DEFAULT",
                "PASSWORD=secret",
                "WRITE_DELAY=500",
                "FORBID_CREATION=TRUE",
                " INIT=select 1",
                "CIPHER=XTEA"
            })
    void refusesSettingsOfH2(String setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatabaseUrl.of("jdbc:h2:file:/srv/jobs;" + setting))
                .withMessageContaining("expected none but CACHE_SIZE")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret", "example.com"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socketFactory",
                "socketFactoryArg",
                "sslfactory",
                "sslfactoryarg",
                "sslhostnameverifier",
                "sslpasswordcallback",
                "authenticationPluginClassName",
                "xmlFactoryFactory"
            })
    void refusesClassesInSettingsOfPostgreSql(String setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatabaseUrl.of("jdbc:postgresql://db.example/jobs?ssl=true&" + setting + "=x.Y"))
                .withMessageContaining(setting);
    }

    @Test
    void refusesASemicolonInAFolder() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> H2Url.file(Path.of("a;INIT=select 1")))
                .withMessageContaining("semicolon");
        assertThat(H2Url.file(Path.of("a b")).toString())
                .startsWith("jdbc:h2:file:")
                .endsWith("jobs");
    }
}
