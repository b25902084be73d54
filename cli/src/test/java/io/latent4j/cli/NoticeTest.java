package io.latent4j.cli;

import io.latent4j.core.docs.NoticeFile;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class NoticeTest {

    @Test
    void namesAllThatIsUsedAtRunTime() throws IOException {
        NoticeFile.requireAllOfTheClassPath(80);
    }
}
