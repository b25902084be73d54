package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.cli.CommandRun;
import io.latent4j.schedulers.catalogue.SamplingMethod;
import io.latent4j.schedulers.catalogue.Schedulers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulersCommandTest {
    @TempDir
    private Path folder;

    @Test
    void listsEveryMethodInLinesThatFit() {
        CommandRun run = CommandRun.of("schedulers");

        assertThat(run.code()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        for (SamplingMethod method : Schedulers.methods()) {
            assertThat(lines).anyMatch(line -> line.startsWith("  " + method.name() + "  "));
        }
        assertThat(run.out())
                .containsPattern("euler a +EulerAncestralDiscreteScheduler +1 +yes +1 +all")
                .containsPattern("euler +EulerDiscreteScheduler +1 +no +1 +all")
                .containsPattern("ddim +DDIMScheduler +1 +no +1 +-")
                .containsPattern("ddim +Song et al. 2020, arXiv:2010.02502")
                .contains("    karras, ");
    }

    @Test
    void tellsTheSameAndMoreInJson() {
        JsonArray methods = JsonParser.parseString(
                        CommandRun.of("schedulers", "--json").out())
                .getAsJsonObject()
                .getAsJsonArray("schedulers");

        assertThat(methods).hasSameSizeAs(Schedulers.methods());
        JsonObject ddim = methods.get(0).getAsJsonObject();
        assertThat(ddim.get("name").getAsString()).isEqualTo("ddim");
        assertThat(ddim.get("class").getAsString()).isEqualTo("DDIMScheduler");
        assertThat(ddim.get("order").getAsInt()).isEqualTo(1);
        assertThat(ddim.get("stochastic").getAsBoolean()).isFalse();
        assertThat(ddim.get("calls_a_step").getAsInt()).isEqualTo(1);
        assertThat(ddim.get("paper").getAsString()).isEqualTo("Song et al. 2020, arXiv:2010.02502");
    }

    @Test
    void drawsTheNoiseSchedules() throws IOException {
        Path file = folder.resolve("schedules.png");

        CommandRun run = CommandRun.of("schedulers", "--plot", file.toString());

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out().strip()).isEqualTo(file.toString());
        BufferedImage plot = ImageIO.read(file.toFile());
        assertThat(plot.getWidth()).isGreaterThan(plot.getHeight());
        Set<Integer> colours = new HashSet<>();
        for (int x = 0; x < plot.getWidth(); x++) {
            for (int y = 0; y < plot.getHeight(); y++) {
                colours.add(plot.getRGB(x, y));
            }
        }
        assertThat(colours).as("lines of five colours, and their edges").hasSizeGreaterThan(50);
    }

    @Test
    void refusesAPlotThatCannotBe() {
        CommandRun both = CommandRun.of("schedulers", "--json", "--plot", folder + "/x.png");
        assertThat(both.code()).isEqualTo(2);
        assertThat(both.message()).contains("expected --plot or --json");
        CommandRun jpg = CommandRun.of("schedulers", "--plot", folder + "/x.jpg");
        assertThat(jpg.code()).isEqualTo(2);
        assertThat(jpg.message()).contains("expected a name that ends with .png");
        CommandRun noFile = CommandRun.of("schedulers", "--plot", folder + "/");
        assertThat(noFile.code()).isEqualTo(2);
        assertThat(noFile.message()).contains("output is the folder");
        assertThat(CommandRun.of("schedulers", "--plot", folder + "/none/x.png").code())
                .isEqualTo(1);
        assertThat(Files.exists(folder.resolve("x.png"))).isFalse();
    }
}
