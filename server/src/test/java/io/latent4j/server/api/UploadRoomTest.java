package io.latent4j.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.latent4j.service.store.ImageFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UploadRoomTest {
    private static final int MOST = 4000;

    @TempDir
    private Path place;

    private final Set<String> needed = new HashSet<>();
    private Instant now = Instant.now();

    private final class SetClock extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private UploadRoom room() {
        return new UploadRoom(new ImageFolder(place), MOST, () -> needed, new SetClock());
    }

    /** Keeps a file that was used so long ago, and returns its digest. */
    private String kept(int bytes, int kind, Duration ago) throws IOException {
        ImageFolder folder = new ImageFolder(place);
        byte[] content = new byte[bytes];
        content[0] = (byte) kind;
        String digest = folder.put(content);
        Files.setLastModifiedTime(folder.find(digest).orElseThrow(), FileTime.from(now.minus(ago)));
        return digest;
    }

    private boolean isKept(String digest) {
        return new ImageFolder(place).find(digest).isPresent();
    }

    @Test
    void boundsWhatAClientSendsWithinAnHour() throws IOException {
        UploadRoom room = room();
        room.take("a", 600);
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> room.take("a", 401))
                .withMessageContaining("600 bytes")
                .withMessageContaining("at most 1000")
                .satisfies(e -> assertThat(e.status()).isEqualTo(429));
        room.take("b", 1000);
        room.take("a", 400);
        now = now.plus(Duration.ofMinutes(62));
        room.take("a", 1000);
    }

    @Test
    void deletesWhatWasNotUsedForLongest() throws IOException {
        String oldest = kept(1500, 1, Duration.ofDays(20));
        String old = kept(1500, 2, Duration.ofHours(10));
        String fresh = kept(900, 3, Duration.ofMinutes(30));
        UploadRoom room = room();
        room.take("a", 100); // it fits
        assertThat(isKept(oldest)).isTrue();
        room.take("a", 500);
        assertThat(isKept(oldest)).isFalse();
        assertThat(isKept(old)).isTrue();
        assertThat(isKept(fresh)).isTrue();
    }

    @Test
    void refusesWhatHasNoRoomBesideWhatIsNeededOrFresh() throws IOException {
        String used = kept(2000, 1, Duration.ofDays(20));
        needed.add(used);
        String fresh = kept(1900, 2, Duration.ofMinutes(30));
        UploadRoom room = room();
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> room.take("a", 500))
                .withMessageContaining("3900 bytes")
                .withMessageContaining("at most 4000")
                .satisfies(e -> assertThat(e.status()).isEqualTo(507));
        assertThat(isKept(used)).isTrue();
        assertThat(isKept(fresh)).isTrue();
        needed.clear();
        room.take("a", 500);
        assertThat(isKept(used)).isFalse();
    }
}
