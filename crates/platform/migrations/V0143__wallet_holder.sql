-- Which device holds the card is said by the table of devices alone.
DROP TABLE wallet_holder;
