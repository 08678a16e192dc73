using System.Text;
using CsCheck;
using Proa.EnvFiles;

namespace Proa.Tests.EnvFiles;

/// <summary>What godotenv's own tests cover, and what its source says beyond them.</summary>
public sealed class EnvFileTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("A=1", "A=1")]
    [InlineData("A=1\nB=2\n", "A=1|B=2")]
    [InlineData("A=1\r\nB=2\r\n", "A=1|B=2")]
    [InlineData("A=1\rB=2", "A=1|B=2")]
    [InlineData("A=", "A=")]
    [InlineData("A=\nB= \nC=3", "A=|B=|C=3")]
    [InlineData("A=one two", "A=one two")]
    [InlineData("A=a=b=c==", "A=a=b=c==")]
    [InlineData("A=postgres://u:p@localhost:5432/db?sslmode=disable", "A=postgres://u:p@localhost:5432/db?sslmode=disable")]
    [InlineData("a.b-c_D9=1", "a.b-c_D9=1")]
    [InlineData("9=1", "9=1")]
    [InlineData("A=1\nA=2", "A=1|A=2")]
    public void A_line_is_a_name_and_a_value(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("  A=1", "A=1")]
    [InlineData("\t A=1", "A=1")]
    [InlineData("\n\n \t\n  A=1\n\n", "A=1")]
    [InlineData("A =1", "A=1")]
    [InlineData("A= 1", "A=1")]
    [InlineData("A \t = \t 1 \t \nB=2", "A=1|B=2")]
    [InlineData("A=1 \t\f\v", "A=1")]
    [InlineData("A = \" 1 \"", "A= 1 ")]
    [InlineData("\u00a0A\u00a0=\u00a01\u00a0\u0085", "A=1")]
    [InlineData("\u2003\u3000\u1680\u2028A=1", "A=1")]
    [InlineData("A=\u20031", "A=\u20031")]
    [InlineData("A B=1", "A B=1")]
    public void Spaces_around_names_and_values_are_left_out(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("A: 1", "A=1")]
    [InlineData("A:1", "A=1")]
    [InlineData("A: b=c", "A=b=c")]
    [InlineData("A=b:c", "A=b:c")]
    [InlineData("A: 'b: c'", "A=b: c")]
    public void A_colon_separates_as_an_equals_sign_does(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("export A=1", "A=1")]
    [InlineData(" \texport\tA=1", "A=1")]
    [InlineData("export   A = '\\n'", "A=\\n")]
    [InlineData("exportA=1", "exportA=1")]
    [InlineData("export_A =1", "export_A=1")]
    [InlineData("export.A= 1", "export.A=1")]
    [InlineData("export export_a=1", "export_a=1")]
    [InlineData("export=1", "export=1")]
    [InlineData("export =1", "=1")]
    [InlineData("export: 1", "export=1")]
    public void The_word_export_before_a_name_is_left_out(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("# one", "")]
    [InlineData("\t # one\n#two\n# A=1\nB=2", "B=2")]
    [InlineData("A=1 # one", "A=1")]
    [InlineData("A=1\t#one # two", "A=1")]
    [InlineData("A=1#one", "A=1#one")]
    [InlineData("A=1#one #two", "A=1#one")]
    [InlineData("A=#one", "A=#one")]
    [InlineData("A= # one", "A=# one")]
    [InlineData("A='1#2' # three", "A=1#2")]
    [InlineData("A=\"1 # 2 # 3\" # four\nB=2", "A=1 # 2 # 3|B=2")]
    [InlineData("A=1\u00a0# one", "A=1")]
    public void A_comment_begins_with_a_hash_after_a_space(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("A='1'", "A=1")]
    [InlineData("A=\"1\"", "A=1")]
    [InlineData("A=''", "A=")]
    [InlineData("A=\"\"", "A=")]
    [InlineData("A=\"'1'\"", "A='1'")]
    [InlineData("A='\"1\"'", "A=\"1\"")]
    [InlineData("A='one\ntwo\\n\nthree'\nB=2", "A=one\ntwo\\n\nthree|B=2")]
    [InlineData("A=\"one\n\ntwo\"", "A=one\n\ntwo")]
    [InlineData("A=\"one\r\ntwo\"", "A=one\ntwo")]
    [InlineData("A='it\\'s'", "A=it\\'s")]
    [InlineData("A=\"1\"B=2", "A=1|B=2")]
    [InlineData("A=1'2'", "A=1'2'")]
    [InlineData("A=\"1\" export B='2'", "A=1|B=2")]
    public void Quotes_keep_what_is_in_them_over_several_lines(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData(@"A=""a\nb\rc""", "A=a\nb\rc")]
    [InlineData(@"A=""a\\nb""", "A=a\\nb")]
    [InlineData(@"A=""a\""b""", "A=a\"b")]
    [InlineData(@"A=""a\\""", "A=a\\")]
    [InlineData(@"A=""a\\\""b""", "A=a\\\"b")]
    [InlineData(@"A=""a\tb\q\ """, "A=atbq ")]
    [InlineData("A=\"a\\\nb\"", "A=a\nb")]
    [InlineData(@"A=""a\""""", @"A=a\")] // the last quotes go before the escapes are looked at
    [InlineData(@"A='a\nb'", "A=a\\nb")]
    [InlineData(@"A=a\nb", "A=a\\nb")]
    [InlineData(@"A=""\é""", "A=é")]
    public void Escapes_are_resolved_in_double_quotes_alone(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("A=1\nB=$A", "A=1|B=1")]
    [InlineData("A=1\nB=${A}2", "A=1|B=12")]
    [InlineData("A=1\nB=\"<$A>\"", "A=1|B=<1>")]
    [InlineData("A=1\nB='$A'", "A=1|B=$A")]
    [InlineData("A=1\nB=\"\\$A \\${A} ${A}\"", "A=1|B=$A ${A} 1")]
    [InlineData("A=1\nB=\\$A", "A=1|B=$A")]
    [InlineData("A=1\nB=$A$A${A", "A=1|B=111")]
    [InlineData("A=1\nB=$A}", "A=1|B=1")]
    [InlineData("A=1\nB=$(A)", "A=1|B=1)")]
    [InlineData("B=$A\nA=1", "B=|A=1")]
    [InlineData("A=1\nB=$AA", "A=1|B=")]
    [InlineData("a=1\nB=$a-${a}", "a=1|B=$a-${a}")]
    [InlineData("B=5$", "B=5$")]
    [InlineData("B=$$ ${} $", "B=$$ ${} $")]
    [InlineData("B=$OUTSIDE ${OUTSIDE}", "B=from outside from outside")]
    [InlineData("OUTSIDE=own\nB=$OUTSIDE", "OUTSIDE=own|B=own")]
    public void Variables_that_are_set_before_are_expanded_except_in_single_quotes(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("=1", "=1")]
    [InlineData("A=1\nB", "A=1|=B")]
    [InlineData("one two", "=one two")]
    public void A_value_without_a_name_is_no_mistake_of_syntax(string file, string expected) => Assert.Equal(expected, Shown(file));

    [Theory]
    [InlineData("lol$wut", 1)]
    [InlineData("A=1\nB+C=2", 2)]
    [InlineData("A@B=2", 1)]
    [InlineData("\n\nA/B=2", 3)]
    [InlineData("A\nB=1", 1)]
    [InlineData("A='1\n2'\n\"B\"=1", 3)]
    [InlineData("A='1'\n\nB='2\n3", 3)]
    [InlineData("A=\"1\\\"", 1)]
    [InlineData("A=1\r\nB=\"2", 2)]
    [InlineData("# comment\nA=1\nexport ", 3)]
    [InlineData("\uFEFFA=1", 1)]
    [InlineData("ä=1", 1)]
    [InlineData("A=1\nB=a\0b", 2)]
    public void A_mistake_is_told_with_its_line_and_without_what_is_written_there(string file, int line)
    {
        Assert.False(EnvFile.TryRead(Latin1(file), _ => null, out _, out var error));
        Assert.Equal(line, error.Line);
        Assert.Contains(error.Problem, (string[])
        [
            "a name has letters, digits, \"_\", \".\" and \"-\", and \"=\" or \":\" follows", "a quote is not closed", "a value has a NUL in it",
            "the file begins with a byte order mark: save it as UTF-8 without one",
        ]);
    }

    [Fact]
    public void A_byte_order_mark_is_named_for_an_editor_does_not_show_it()
    {
        Assert.False(EnvFile.TryRead(Latin1("\uFEFFA=1"), _ => null, out _, out var error));
        Assert.Equal(new(1, "the file begins with a byte order mark: save it as UTF-8 without one"), error);
    }

    [Fact]
    public void A_few_lines_do_not_expand_to_more_than_there_is_memory_for()
    {
        Assert.False(EnvFile.TryRead("A=x\n" + string.Concat(Enumerable.Repeat("A=$A$A\n", 60)), _ => null, out _, out var error));
        Assert.Equal(new(20, "up to this line the values, expanded, are larger than proa allows"), error);
        var once = "A=" + new string('x', 500_000) + "\nB=";
        Assert.False(EnvFile.TryRead(once + string.Concat(Enumerable.Repeat("$A", 250_000)), _ => null, out _, out error));
        Assert.Equal(2, error.Line);
        Assert.True(EnvFile.TryRead(once + "$A", _ => null, out var variables, out _));
        Assert.Equal(500_000, variables[1].Value.Length);
    }

    [Fact]
    public void Of_single_bytes_above_127_a_name_takes_what_would_be_letters_and_digits_in_Latin_1() =>
        Gen.Char['\u0080', '\u00ff'].Sample(c =>
            Assert.Equal(char.IsLetter(c) || char.IsNumber(c) || c is '\u0085' or '\u00a0', EnvFile.TryRead($"A{c}B=1", _ => null, out _, out _)));

    [Fact]
    public void Any_bytes_in_single_quotes_come_back_as_they_are() =>
        Gen.Byte.Array[0, 50].Where(bytes => !bytes.Any(b => b is 0 or (byte)'\'' or (byte)'\\' or (byte)'\r')).Sample(bytes =>
        {
            Assert.True(EnvFile.TryRead($"A='{Encoding.Latin1.GetString(bytes)}'", _ => null, out var variables, out _));
            Assert.Equal(bytes, Encoding.Latin1.GetBytes(Assert.Single(variables).Value));
        });

    [Fact]
    public void Any_bytes_are_read_or_refused_with_a_line_that_the_file_has() =>
        Gen.OneOf(Gen.Byte, Gen.OneOf([.. " \t\n\r='\"\\$#{}:A".Select(c => Gen.Const((byte)c))])).Array[0, 60].Sample(
            bytes =>
            {
                if (!EnvFile.TryRead(Encoding.Latin1.GetString(bytes), _ => null, out _, out var error))
                    Assert.InRange(error.Line, 1, 1 + bytes.Count(b => b == '\n'));
            },
            iter: 20_000);

    /// <summary>The variables, in UTF-8.</summary>
    private static string Shown(string file)
    {
        Assert.True(EnvFile.TryRead(Latin1(file), name => name == "OUTSIDE" ? "from outside" : null, out var variables, out var error), error?.Problem);
        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(string.Join('|', variables.Select(v => $"{v.Name}={v.Value}"))));
    }

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
