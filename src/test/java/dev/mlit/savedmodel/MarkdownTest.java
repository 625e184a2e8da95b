package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Names that others have chosen, in a model card. If this fails, a label breaks the card's table,
 * or puts a link into a page that people trust.
 */
class MarkdownTest {
  @Test
  void whatMeansSomethingInMarkdownStandsForItself() {
    assertThat(Markdown.text("a|b <b>x</b> [t](u) *e* `c` \\ _i_"))
        .isEqualTo("a\\|b \\<b\\>x\\</b\\> \\[t\\](u) \\*e\\* \\`c\\` \\\\ \\_i\\_");
  }

  @Test
  void plainNamesStayAsTheyAre() {
    assertThat(Markdown.text("T-shirt/top, Größe 3, ankle_boot 0.5 %"))
        .isEqualTo("T-shirt/top, Größe 3, ankle_boot 0.5 %");
  }

  @Test
  void aTextStaysOnItsLine() {
    assertThat(Markdown.text("a\n# b\u001b[2J")).isEqualTo("a?# b?\\[2J");
  }

  @Test
  void codeEndsWhereItEnds() {
    assertThat(Markdown.code("yaml", "name: |\n```\n# Mine\n"))
        .isEqualTo("````yaml\nname: |\n```\n# Mine\n````\n");
  }

  @Test
  void aCardIsMadeOfThem() {
    String card =
        ModelCard.imported("file [x](http://y)")
            .markdown(RandomModel.SPEC, List.of("<script>", "a|b", "plain"));
    assertThat(card)
        .contains("| weights | imported from file \\[x\\](http://y) |")
        .contains("| classes | \\<script\\>, a\\|b, plain |");
  }
}
