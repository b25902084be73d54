package io.latent4j.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.MemoryJobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** How a person writes prompts and finds the way. Skipped where there is no browser. */
final class PromptBrowserTest {
    @TempDir
    private static Path data;

    private static final ModelRegistry REGISTRY = new ModelRegistry();
    private static final MemoryJobStore STORE = new MemoryJobStore();
    private static Browser browser;
    private static Server server;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Browser.isHere(), Browser.MISSING);
        server = serve(0);
        browser = Browser.start();
    }

    private static Server serve(int port) throws IOException {
        return Server.start(ServerOptions.LOCAL.withPort(port), REGISTRY, STORE, QueueOptions.DEFAULT, data);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
            server.close();
        }
        REGISTRY.close();
    }

    @BeforeEach
    void open() {
        browser.size(1360, 900, false);
        browser.show(server);
    }

    @Test
    void takesAnEarlierPromptAgain() {
        browser.fill("#negative", "blue");
        browser.generate("the <b>first</b> of them", 2);
        browser.fill("#negative", "");
        browser.generate("the second of them", 2);
        browser.click("#recent");
        assertThat(browser.find(".history").getText())
                .isEqualTo("the second of them\nthe <b>first</b> of them\nwithout: blue");
        browser.all(".history button").get(1).click();
        assertThat(List.of(browser.value("prompt"), browser.value("negative")))
                .containsExactly("the <b>first</b> of them", "blue");
        browser.click("#recent");
        browser.button("Forget them all").click();
        browser.click("#recent");
        assertThat(browser.find("dialog").getText()).contains("will be here");
        browser.find("dialog").sendKeys(Keys.ESCAPE);
    }

    @Test
    void makesAJobOfEachLine() {
        browser.fill("#prompt", "a line\n\nanother line");
        browser.fill("#steps", "2");
        assertThat(browser.find("#lines-word").getText()).contains("2 lines");
        browser.click("#lines");
        browser.click("#generate");
        browser.finished("another line");
        assertThat(STORE.list(JobQuery.NEWEST.having("line")).stream()
                        .map(job -> job.spec().request().prompt().text())
                        .toList())
                .containsExactly("another line", "a line");
        browser.fill("#prompt", "one");
        assertThat(browser.find("#lines-field").isDisplayed()).isFalse();
    }

    @Test
    void changesWeightsByKeys() {
        browser.fill("#prompt", "a red circle");
        String up = Keys.chord(Keys.CONTROL, Keys.ARROW_UP);
        String down = Keys.chord(Keys.CONTROL, Keys.ARROW_DOWN);
        browser.find("#prompt").sendKeys(up, up);
        assertThat(browser.value("prompt")).isEqualTo("a red (circle:1.2)");
        browser.find("#prompt").sendKeys(down, down);
        assertThat(browser.value("prompt")).isEqualTo("a red circle");
        browser.script("document.getElementById('prompt').setSelectionRange(2, 12)");
        browser.find("#prompt").sendKeys(down);
        assertThat(browser.value("prompt")).isEqualTo("a (red circle:0.9)");
    }

    @Test
    void showsItsKeys() {
        browser.find("body").sendKeys("?");
        assertThat(browser.find("dialog").getText()).contains("Ctrl Enter", "brush, eraser");
        browser.find("dialog").sendKeys(Keys.ESCAPE);
        browser.until("it is closed", () -> browser.all("dialog").isEmpty());
        browser.fill("#prompt", "what?");
        assertThat(browser.all("dialog")).isEmpty();
        browser.click("#help-button");
        assertThat(browser.all("dialog")).hasSize(1);
        browser.find("dialog").sendKeys(Keys.ESCAPE);
    }

    @Test
    void resetsTheSettingsAndLeavesThePrompts() {
        browser.fill("#prompt", "kept");
        browser.fill("#steps", "7");
        browser.fill("#width", "128");
        browser.fill("#seed", "3");
        browser.script("document.getElementById('upscale-group').open = true");
        browser.fill("#upscale-factor", "3");
        browser.click("#reset");
        browser.until("the seed is gone", () -> browser.value("seed").isEmpty());
        assertThat(List.of("prompt", "width", "steps", "upscale-factor").stream()
                        .map(browser::value)
                        .toList())
                .containsExactly(
                        "kept", "64", browser.text("return document.getElementById('steps').placeholder"), "1");
    }

    @Test
    void cancelsTheWholeQueue() {
        browser.fill("#steps", "200");
        browser.fill("#count", "8");
        for (String prompt : List.of("one of many", "two of many", "three of many")) {
            browser.fill("#prompt", prompt);
            browser.click("#generate");
            browser.until(
                    "it is taken",
                    () -> !STORE.list(JobQuery.NEWEST.having(prompt)).isEmpty());
        }
        browser.click("#queue-button");
        browser.until("all are listed", () -> browser.all("#queue-list li").size() == 3);
        browser.click("#queue-all");
        browser.until(
                "all have ended",
                () -> STORE.list(JobQuery.NEWEST.having("of many")).stream()
                        .allMatch(job -> job.state() == JobState.CANCELLED));
    }

    @Test
    void saysThatTheServerIsGoneAndGoesOnWhenItIsBack() throws IOException {
        Server first = serve(0);
        int port = first.uri().getPort();
        browser.show(first);
        first.close();
        browser.script("document.dispatchEvent(new Event('visibilitychange'))");
        browser.until("it is said", () -> browser.find("#banner").isDisplayed());
        assertThat(browser.find("#banner").getText()).contains("does not answer");
        try (Server second = serve(port)) {
            browser.until("it is said no more", () -> !browser.find("#banner").isDisplayed());
            assertThat(second.uri().getPort()).isEqualTo(port);
        }
    }
}
