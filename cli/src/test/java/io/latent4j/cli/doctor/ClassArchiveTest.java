package io.latent4j.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
    @TempDir
    Path folder;

    @Test
    void saysWhetherJavaTookTheArchive() throws IOException {
        Path maps = Files.writeString(
                folder.resolve("maps"),
                "7f00-7f10 rw-p 00001000 fe:00 12 /opt/latent4j/latent4j.jsa\n7f20-7f30 r-xp 0\n");

        assertThat(ClassArchive.state("/opt/latent4j/latent4j.jsa", maps)).endsWith("is in use");
        assertThat(ClassArchive.state("/opt/other.jsa", maps)).contains("is not in use", "/opt/other.jsa", "delete it");
        assertThat(ClassArchive.state("a.jsa", folder.resolve("no maps"))).isEqualTo("a.jsa is given");
    }

    @Test
    void theLastOptionCounts() {
        assertThat(ClassArchive.state(List.of("-Xmx1g"))).isEqualTo("none is given");
        assertThat(ClassArchive.state(List.of("-XX:SharedArchiveFile=a.jsa", "-XX:SharedArchiveFile=b.jsa")))
                .startsWith("b.jsa is ");
    }
}
