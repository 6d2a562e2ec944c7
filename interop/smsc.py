"""An SMS centre that is not ours (smpp34): it says `listening`, takes messages, and sends a receipt for each.

smsc.py PORT [quiet]     It refuses numbers that end in 0 for good, and throttles those that end in 9.
"""

import asyncio
import sys

import smpp34

INVALID_DESTINATION = 0x0B
THROTTLED = 0x58
RECEIPT = 0x04


async def main(port, quiet):
    server = smpp34.Server("127.0.0.1", port, system_id="centre")
    await server.start()
    print("listening", flush=True)
    taken, phone, receipts = 0, None, set()
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            phone = event
        elif isinstance(event, smpp34.SubmitSmEvent):
            if event.destination_addr.endswith("0"):
                event.reject(INVALID_DESTINATION)
            elif event.destination_addr.endswith("9"):
                event.reject(THROTTLED)
            else:
                taken += 1
                event.accept(f"m{taken}")
                if not quiet:
                    print(event.destination_addr, event.esm_class, event.data_coding, event.short_message.hex(), flush=True)
                text = f"id:m{taken} sub:001 dlvrd:001 stat:DELIVRD err:000 text:"
                told = phone.deliver_sm(event.source_addr, text.encode(), source_addr=event.destination_addr, esm_class=RECEIPT)
                # The next message is taken while this receipt is on its way; a task that nobody holds may be dropped.
                receipt = asyncio.ensure_future(told)
                receipts.add(receipt)
                receipt.add_done_callback(receipts.discard)


asyncio.run(main(int(sys.argv[1]), "quiet" in sys.argv[2:]))
