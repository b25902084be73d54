package io.latent4j.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.latent4j.pipeline.request.Batch;
import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.JobState;
import io.latent4j.service.store.MemoryJobStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** What a person does with finished images. Skipped where there is no browser. */
final class GalleryBrowserTest {
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

    private static void pick(String prompt) {
        browser.until(
                "it is in the gallery",
                () -> !browser.all("[aria-label^='" + prompt + ", ']").isEmpty());
        browser.find("[aria-label^='" + prompt + ", ']").sendKeys("c");
    }

    private static long tiles(String prompt) {
        return browser.all("[aria-label^='" + prompt + ", ']").size();
    }

    @Test
    void makesImagesThatAreLikeOne() {
        browser.fill("#seed", "40");
        browser.generate("a seed to vary", 2);
        browser.button("More like it").click();
        browser.until("there are four", () -> browser.all("#stage-strip button").size() == 4);
        Batch batch = STORE.list(JobQuery.NEWEST.having("a seed to vary"))
                .get(0)
                .spec()
                .request()
                .batch();
        assertThat(batch.count()).isEqualTo(4);
        assertThat(batch.seed()).hasValue(40);
        assertThat(batch.variation().orElseThrow().strength()).isEqualTo(0.3);
        browser.until("they are done", () -> browser.all(".stage.working").isEmpty());
    }

    @Test
    void makesAnImageLarger() {
        browser.fill("#seed", "41");
        browser.generate("one to enlarge", 2);
        browser.button("Enlarge").click();
        browser.until("it is larger", "return document.querySelector('#result').naturalWidth === 128");
        assertThat(browser.find("#stage-word").getText()).contains("seed 41");
        assertThat(browser.find("#stage-actions").getText()).as("what is large").doesNotContain("Enlarge");
    }

    @Test
    void deletesWhatIsPicked() {
        browser.fill("#count", "2");
        browser.generate("two that go", 2);
        browser.fill("#count", "1");
        browser.generate("one that goes", 2);
        browser.generate("one that stays", 2);
        pick("two that go");
        pick("one that goes");
        assertThat(browser.find("#pick-word").getText()).isEqualTo("2 images picked.");
        pick("one that stays");
        assertThat(browser.find("#pick-compare").isEnabled())
                .as("three compared")
                .isFalse();
        pick("one that stays");
        browser.click("#pick-delete");
        assertThat(browser.find("#pick-sure").getText()).isEqualTo("Delete all 3 images of 2 jobs?");
        browser.click("#pick-sure");
        browser.until("they are gone", () -> tiles("two that go") + tiles("one that goes") == 0);
        assertThat(tiles("one that stays")).isEqualTo(1);
        assertThat(browser.find("#pick-bar").isDisplayed()).isFalse();
        assertThat(STORE.list(JobQuery.NEWEST.having("that go"))).isEmpty();
    }

    @Test
    void asksBeforeTheDeleteKeyDeletes() {
        browser.generate("gone by a key", 2);
        browser.find("[aria-label^='gone by a key']").sendKeys(Keys.DELETE);
        browser.until("it asks", "return document.activeElement.id === 'pick-sure'");
        assertThat(tiles("gone by a key")).isEqualTo(1);
        browser.find("#pick-sure").sendKeys(Keys.ENTER);
        browser.until("it is gone", () -> tiles("gone by a key") == 0);
        assertThat(browser.find("#welcome").isDisplayed())
                .as("in place of the image")
                .isTrue();
    }

    @Test
    void goesOnInTheViewerAfterOneIsDeleted() {
        browser.generate("the older", 2);
        browser.generate("the newer", 2);
        browser.click("[aria-label^='the newer, ']");
        assertThat(browser.find("dialog h2").getText()).startsWith("Image 1 of ");
        browser.click(".viewer-more button.danger");
        browser.button("Really delete?").click();
        browser.until(
                "the next is shown",
                () -> browser.find(".viewer-image").getAttribute("alt").equals("the older"));
        browser.driver().switchTo().activeElement().sendKeys(Keys.ESCAPE);
    }

    @Test
    void savesImagesByNamesThatTellOfThem() {
        browser.fill("#seed", "42");
        browser.generate("Ein Kreis: rot & groß!", 2);
        assertThat(browser.find("#stage-actions a").getAttribute("download")).isEqualTo("ein-kreis-rot-groß-42.png");
        browser.click(".tile-open");
        assertThat(browser.all(".viewer-more a").stream()
                        .map(link -> link.getAttribute("download"))
                        .toList())
                .containsExactly("ein-kreis-rot-groß-42.jpeg", "ein-kreis-rot-groß-42.webp");
        assertThat(browser.text("return navigator.clipboard === undefined ? '' : document.querySelector('.viewer-more"
                        + " .row').innerText"))
                .contains("Prompt", "Parameters", "Image");
    }

    @Test
    void tellsTheSameModelByTheSameName() {
        STORE.list(JobQuery.NEWEST).forEach(job -> STORE.forget(job.id()));
        browser.show(server);
        browser.generate("named", 2);
        browser.script(
                "return fetch('/api/jobs', {method: 'POST', body: JSON.stringify({prompt: 'not named', steps: 2})})");
        browser.until(
                "it has ended",
                () -> STORE.list(JobQuery.NEWEST.having("not named")).stream()
                        .anyMatch(job -> job.state() == JobState.DONE));
        browser.script("document.dispatchEvent(new Event('visibilitychange'))");
        browser.until("the job of another appears", () -> tiles("not named") == 1);
        pick("named");
        pick("not named");
        browser.click("#pick-compare");
        assertThat(browser.find(".differences").getText()).contains("Prompt").doesNotContain("Model", "Sampler");
        browser.find("#compare-slider").sendKeys(Keys.ESCAPE);
    }
}
